import type { DecoderConfig } from "../models/decoderConfig.ts";
import { loadRuntime } from "../runtime/ortLibrary.ts";
import type { AttentionForm, CacheType } from "./attentionNodes.ts";
import type { CachedTokens } from "./cacheArrays.ts";
import type { CacheSegment } from "./cacheSegment.ts";
import {
  DecodeModel,
  replacementsWithin,
  type DecodeRun,
  type Replacements,
} from "./decodeModel.ts";
import { attentionFormOf, checkOptions, type DecodeEngineOptions } from "./engineOptions.ts";
import { layerGroups } from "./layerGroups.ts";
import type { QuantizedMatrix } from "./linearForms.ts";
import { RotationTable } from "./rotationTable.ts";
import { RowCache } from "./rowCache.ts";
import { weightFormats } from "./weightFormats.ts";
import type { WeightSource } from "./weightReader.ts";

export type { DecodeEngineOptions } from "./engineOptions.ts";

/** Logits of tokens of which they were wanted, each `[vocab_size]`. */
export type Logits = readonly Float32Array[];

export interface FeedOptions {
  /** Most tokens of a run. Default: the engine's. */
  readonly chunk?: number;
  /** First of the tokens whose logits are wanted. Default: 0. */
  readonly logitsFrom?: number;
  /** Embeddings of some of the tokens, for an engine that takes them. */
  readonly replacements?: Replacements;
}

export interface DecodeMemory {
  /** Float weights, shared with who gave them. */
  readonly sharedWeightBytes: number;
  /** Weights that the model itself holds: quantized ones. */
  readonly modelBytes: number;
  readonly cacheBytes: number;
  /** Of one token of a text, in all layers. */
  readonly cacheBytesPerToken: number;
}

/**
 * Runs a decoder of the Llama family on ONNX Runtime, a few tokens at a time, with keys and values
 * of earlier tokens in a cache that is written in place. Each row is a text of its own length.
 *
 * Calls wait for each other; what a call throws before it runs leaves all rows as they were.
 */
export class DecodeEngine {
  readonly config: DecoderConfig;
  readonly rows: number;
  readonly chunk: number;
  readonly attention: AttentionForm;
  readonly cacheType: CacheType;
  readonly takesEmbeddings: boolean;
  /** Most tokens of a text; Infinity where no layer sees all of them. */
  readonly capacity: number;
  /** Whether the last tokens can be taken back at any time: not of texts without end. */
  readonly isRewindable: boolean;
  readonly #model: DecodeModel;
  readonly #rotation: RotationTable;
  readonly #caches: RowCache[];
  readonly #lengths: number[];
  #last: Promise<unknown> = Promise.resolve();

  /** @throws {RangeError} when weights do not fit the settings, or options each other */
  constructor(options: DecodeEngineOptions) {
    const { config, rows = 1, chunk = 128, cacheScales, streaming } = options;
    const { capacity = config.max_position_embeddings, format = "float32" } = options;
    checkOptions(options);
    loadRuntime(options.threads);
    this.config = config;
    this.rows = rows;
    this.chunk = chunk;
    this.attention = attentionFormOf(options);
    this.takesEmbeddings = options.takesEmbeddings ?? false;
    this.cacheType = cacheScales ? "int8" : "float32";
    const groups = layerGroups(config, streaming);
    this.capacity = groups.some(({ window }) => window === null) ? capacity : Infinity;
    this.isRewindable = groups.every(({ sinks }) => sinks === 0);
    // Memory for texts first: if there is none, no session is left behind.
    this.#rotation = new RotationTable(config, 1, capacity);
    this.#caches = groups.map((group) => {
      const scales = cacheScales && group.layers.map((layer) => cacheScales[layer]!);
      const shape = { kvHeads: config.num_key_value_heads, head_dim: config.head_dim };
      const cache = { rows, capacity, chunk, type: this.cacheType, scales, ...shape };
      return new RowCache(group, cache, this.#rotation);
    });
    this.#model = new DecodeModel(
      {
        config,
        weights: options.weights,
        prefix: options.prefix ?? "model",
        formats: typeof format === "string" ? weightFormats[format] : format,
        quantized: options.quantized ?? new Map<string, QuantizedMatrix>(),
        attention: this.attention,
        cacheType: this.cacheType,
        cacheScales,
        bound: options.floatWeights === "bound",
        takesEmbeddings: this.takesEmbeddings,
      },
      groups,
    );
    this.#lengths = Array.from({ length: rows }, () => 0);
  }

  /** Tokens of a row's text so far. */
  length(row: number): number {
    return this.#lengths[this.#checkRow(row)]!;
  }

  /**
   * Adds tokens to a row, a chunk at a time.
   *
   * @returns the logits of the last token
   */
  async prefill(
    row: number,
    tokens: ArrayLike<number>,
    { chunk = this.chunk }: { chunk?: number } = {},
  ): Promise<Float32Array> {
    return (await this.feed(row, tokens, { chunk, logitsFrom: tokens.length - 1 }))[0]!;
  }

  /**
   * Adds tokens to a row, a chunk at a time.
   *
   * @returns the logits of the first token whose logits are wanted, and of all after it
   */
  async feed(
    row: number,
    tokens: ArrayLike<number>,
    { chunk = this.chunk, logitsFrom = 0, replacements }: FeedOptions = {},
  ): Promise<Logits> {
    this.#checkRow(row);
    this.#checkTokens(tokens, logitsFrom, chunk);
    if (replacements) this.#checkReplacements(replacements, tokens.length);
    return this.#inTurn(async () => {
      for (const cache of this.#caches) cache.checkRoom(row, tokens.length);
      const logits: Float32Array[] = [];
      for (let done = 0; done < tokens.length;) {
        const wanted = Math.min(chunk, tokens.length - done);
        const count = Math.min(...this.#caches.map((cache) => cache.fitting(row, wanted)));
        const first = Math.min(count, Math.max(0, logitsFrom - done));
        const run = {
          range: { firstRow: row, rows: 1, tokens: count },
          tokens: Array.from({ length: count }, (_, i) => tokens[done + i]!),
          logitsAt: Array.from({ length: count - first }, (_, i) => first + i),
          replacements: replacements && replacementsWithin(replacements, done, count),
        };
        logits.push(...(await this.#run(run, new Set([row]))));
        done += count;
      }
      return logits;
    });
  }

  /**
   * Adds one token to each of some rows. Rows next to each other run as one; those between them are
   * computed along.
   *
   * @returns the logits of each, in the order they were given
   */
  async step(rows: readonly { readonly row: number; readonly token: number }[]): Promise<Logits> {
    const tokens = new Map(rows.map(({ row, token }) => [this.#checkRow(row), token]));
    if (rows.length === 0 || tokens.size !== rows.length) {
      throw new RangeError("Cannot decode: expected at least one row, and each once");
    }
    this.#checkTokens([...tokens.values()], 0, 1);
    if (rows.length === 1 || this.#caches.some(({ group }) => group.sinks > 0)) {
      const each = rows.map(({ row, token }) => this.prefill(row, [token]));
      return await Promise.all(each);
    }
    const firstRow = Math.min(...tokens.keys());
    const range = { firstRow, rows: Math.max(...tokens.keys()) - firstRow + 1, tokens: 1 };
    return this.#inTurn(async () => {
      for (const row of tokens.keys()) for (const cache of this.#caches) cache.checkRoom(row, 1);
      const given = Array.from({ length: range.rows }, (_, i) => tokens.get(firstRow + i) ?? 0);
      const logitsAt = rows.map(({ row }) => row - firstRow);
      return this.#run({ range, tokens: given, logitsAt }, new Set(tokens.keys()));
    });
  }

  /** Empties a row. */
  async reset(row: number): Promise<void> {
    this.#checkRow(row);
    await this.#inTurn(() => {
      for (const cache of this.#caches) cache.reset(row);
      this.#lengths[row] = 0;
    });
  }

  /** Makes one row what another is. */
  async fork(from: number, to: number): Promise<void> {
    this.#checkRow(from);
    this.#checkRow(to);
    await this.#inTurn(() => {
      if (from === to) return;
      for (const cache of this.#caches) cache.copy(from, to);
      this.#lengths[to] = this.#lengths[from]!;
    });
  }

  /**
   * Takes the last tokens of a row back.
   *
   * @param length that it is to have
   * @throws {RangeError} when it is shorter, or tokens that would be seen again are gone
   */
  async truncate(row: number, length: number): Promise<void> {
    this.#checkRow(row);
    await this.#inTurn(() => {
      const removed = this.#lengths[row]! - length;
      if (!Number.isInteger(length) || length < 0 || removed < 0) {
        throw new RangeError(
          `Cannot truncate row ${row}: expected a length from 0 to ${this.#lengths[row]}, got ${length}`,
        );
      }
      for (const cache of this.#caches) cache.checkTruncation(row, removed);
      for (const cache of this.#caches) cache.truncate(row, removed);
      this.#lengths[row] = length;
    });
  }

  /**
   * Copies keys and values of tokens `[from, to)` of a row.
   *
   * @returns undefined when a window has let go of tokens of the row
   */
  async read(row: number, from: number, to: number): Promise<CacheSegment | undefined> {
    this.#checkRow(row);
    return this.#inTurn(() => {
      if (from < 0 || to < from || to > this.#lengths[row]!) {
        throw new RangeError(
          `Cannot copy tokens ${from} to ${to} of row ${row}: it has ${this.#lengths[row]}`,
        );
      }
      if (!this.#caches.every((cache) => cache.isWhole(row))) return undefined;
      const groups = this.#caches.map((cache) => cache.read(row, from, to));
      const bytes = this.memory().cacheBytesPerToken * (to - from);
      return { tokens: to - from, kvHeads: this.config.num_key_value_heads, groups, bytes };
    });
  }

  /** Adds tokens to a row whose keys and values {@link read} gave at the same position. */
  async append(row: number, segments: readonly CacheSegment[]): Promise<void> {
    this.#checkRow(row);
    await this.#inTurn(() => {
      const added = segments.reduce((sum, { tokens }) => sum + tokens, 0);
      for (const cache of this.#caches) cache.checkRoom(row, added);
      for (const { groups, tokens } of segments) {
        for (const [i, cache] of this.#caches.entries()) {
          cache.reserve(row, tokens);
          cache.append(row, groups[i]!, tokens);
        }
        this.#lengths[row]! += tokens;
      }
    });
  }

  /** As {@link read}, for each layer of the model in turn. */
  async readLayers(row: number, from: number, to: number): Promise<CachedTokens[] | undefined> {
    const segment = await this.read(row, from, to);
    return segment && this.#model.places.map(({ group, index }) => segment.groups[group]![index]!);
  }

  /**
   * Reads weights from other arrays from now on, such as those a training step has exchanged. Only
   * for `floatWeights: "bound"`, where values that change in place are seen without this.
   */
  async useWeights(weights: WeightSource): Promise<void> {
    await this.#inTurn(() => this.#model.useWeights(weights));
  }

  memory(): DecodeMemory {
    const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
    return {
      sharedWeightBytes: this.#model.sharedWeightBytes,
      modelBytes: this.#model.bytes,
      cacheBytes: sum(this.#caches.map(({ bytes }) => bytes)),
      cacheBytesPerToken: sum(this.#caches.map(({ tokenBytes }) => tokenBytes)),
    };
  }

  /** Waits for what is under way. */
  async dispose(): Promise<void> {
    await this.#inTurn(() => {
      this.#model.dispose();
      for (const cache of this.#caches) cache.dispose();
    });
  }

  async #inTurn<T>(action: () => T | Promise<T>): Promise<T> {
    const turn = this.#last.then(action);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** @param counted rows whose tokens are meant; others of the range are as before afterwards */
  async #run(
    run: Omit<DecodeRun, "caches" | "rotation">,
    counted: ReadonlySet<number>,
  ): Promise<Float32Array[]> {
    const { range } = run;
    const { firstRow, rows, tokens: perRow } = range;
    for (const row of counted) for (const cache of this.#caches) cache.reserve(row, perRow);
    const places = Math.max(rows * perRow, ...this.#caches.map(({ slots }) => slots));
    if (places > this.#rotation.places) this.#rotation.resize(places);
    for (let i = 0; i < rows * perRow; i++) {
      const position = this.#lengths[firstRow + Math.floor(i / perRow)]! + (i % perRow);
      this.#rotation.set(i, position);
    }
    const [caches, rotation] = [this.#caches, this.#rotation];
    const logits = await this.#model.run({ ...run, caches, rotation });
    for (const row of counted) {
      for (const cache of this.#caches) cache.added(row, perRow);
      this.#lengths[row]! += perRow;
    }
    return logits;
  }

  #checkRow(row: number): number {
    if (Number.isInteger(row) && row >= 0 && row < this.rows) return row;
    throw new RangeError(`Cannot decode: expected a row from 0 to ${this.rows - 1}, got ${row}`);
  }

  #checkReplacements({ at, embeddings }: Replacements, tokens: number): void {
    const { hidden_size } = this.config;
    const isInside = at.every((token) => Number.isInteger(token) && token >= 0 && token < tokens);
    if (this.takesEmbeddings && isInside && embeddings.length === at.length * hidden_size) return;
    throw new RangeError(
      this.takesEmbeddings
        ? `Cannot decode: expected ${at.length} embeddings of ${hidden_size} for tokens below ${tokens}, got ${embeddings.length} numbers for tokens ${at.join(", ")}`
        : "Cannot decode embeddings: make the engine with takesEmbeddings",
    );
  }

  #checkTokens(tokens: ArrayLike<number>, logitsFrom: number, chunk: number): void {
    const { vocab_size } = this.config;
    if (tokens.length === 0 || chunk < 1 || chunk > this.chunk) {
      throw new RangeError(
        `Cannot decode: expected tokens, in chunks of 1 to ${this.chunk}, got ${tokens.length} in chunks of ${chunk}`,
      );
    }
    if (logitsFrom < 0 || logitsFrom > tokens.length) {
      throw new RangeError(`Cannot decode: no token ${logitsFrom} among ${tokens.length}`);
    }
    const strange = Array.from(tokens).find(
      (token) => !Number.isInteger(token) || token < 0 || token >= vocab_size,
    );
    if (strange === undefined) return;
    throw new RangeError(
      `Cannot decode: expected tokens from 0 to ${vocab_size - 1}, got ${strange}`,
    );
  }
}
