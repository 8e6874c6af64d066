import type { DecoderConfig } from "../models/decoderConfig.ts";
import { RuntimeValue, Session } from "../runtime/session.ts";
import { decodeGraph, type DecodeGraphOptions } from "./decodeGraph.ts";
import type { LayerGroup } from "./layerGroups.ts";
import type { FinishedModel, GivenWeight } from "./modelGraph.ts";
import type { RotationTable } from "./rotationTable.ts";
import type { RowCache } from "./rowCache.ts";
import { groupInputs, inputValue, type RowRange } from "./runInputs.ts";
import type { WeightSource } from "./weightReader.ts";

/** Embeddings in place of those that tokens have. */
export interface Replacements {
  /** Which tokens, in their order. */
  readonly at: readonly number[];
  /** `[at.length, hidden_size]` */
  readonly embeddings: Float32Array;
}

/** One run: some tokens of some rows. */
export interface DecodeRun {
  readonly range: RowRange;
  /** Of all rows, one row after the other. */
  readonly tokens: readonly number[];
  /** Embeddings of some of the tokens; of one row. */
  readonly replacements?: Replacements | undefined;
  /** Which of them logits are wanted of. */
  readonly logitsAt: readonly number[];
  /** Of each group of layers; with room for the tokens. */
  readonly caches: readonly RowCache[];
  /** Set for the tokens, in their order. */
  readonly rotation: RotationTable;
}

/** A layer's group of layers, and which of them it is. */
interface LayerPlace {
  readonly group: number;
  readonly index: number;
}

/** The session of a decoder, with its weights. */
export class DecodeModel {
  readonly #options: Omit<DecodeGraphOptions, "groups">;
  readonly #session: Session;
  readonly #model: Omit<FinishedModel, "bytes">;
  #weights: ReadonlyMap<string, RuntimeValue>;
  /** Of each layer. */
  readonly places: readonly LayerPlace[];
  /** Of the model without the weights that it is given. */
  readonly bytes: number;

  constructor(options: Omit<DecodeGraphOptions, "groups">, groups: readonly LayerGroup[]) {
    this.#options = options;
    const { bytes, ...model } = decodeGraph({ ...options, groups });
    this.#model = model;
    this.bytes = bytes.length;
    this.#weights = valuesOf(model.weights);
    const { inputNames, outputNames } = model;
    const given = options.bound ? new Map<string, RuntimeValue>() : this.#weights;
    const settings = ["all", "cpu", "sameSize", given] as const;
    this.#session = new Session(bytes, inputNames, outputNames, ...settings);
    this.places = Array.from({ length: options.config.num_hidden_layers }, (_, layer) => {
      const group = groups.findIndex(({ layers }) => layers.includes(layer));
      return { group, index: groups[group]!.layers.indexOf(layer) };
    });
  }

  get sharedWeightBytes(): number {
    return [...this.#weights.values()].reduce((sum, { array }) => sum + array.byteLength, 0);
  }

  /**
   * Adds the tokens to the caches' memory.
   *
   * @returns the logits that were wanted, each `[vocab_size]`
   */
  async run(run: DecodeRun): Promise<Float32Array[]> {
    const { range, caches, logitsAt } = run;
    const { vocab_size } = this.#options.config;
    const count = Math.max(1, logitsAt.length);
    const logits = new Float32Array(new ArrayBuffer(4 * count * vocab_size));
    const own = this.#inputs(run);
    own.set("logits", new RuntimeValue(logits, "float32", [count, vocab_size]));
    const offsets = caches.map((cache) =>
      range.rows === 1 ? cache.seenAlone(range.firstRow).offset : 0,
    );
    const views = caches.map((cache, i) => cache.views(range.firstRow, range.rows, offsets[i]!));
    const valueOf = (name: string): RuntimeValue =>
      own.get(name) ??
      (this.#options.bound ? this.#weights.get(name) : undefined) ??
      this.#cacheView(name, views);
    try {
      const { inputNames, outputNames } = this.#model;
      const binding = this.#session.bind(inputNames.map(valueOf), outputNames.map(valueOf));
      await binding.runAsync();
    } finally {
      const temporary = views.filter((_, i) => offsets[i]! > 0).flat();
      for (const value of [...own.values(), ...temporary]) value.dispose();
    }
    return logitsAt.map((_, i) => logits.subarray(i * vocab_size, (i + 1) * vocab_size));
  }

  /** Reads weights from other arrays. */
  useWeights(weights: WeightSource): void {
    if (!this.#options.bound) {
      throw new Error('Cannot exchange weights: make the engine with floatWeights: "bound"');
    }
    const given = this.#model.weights.map(({ name, shape }): GivenWeight => {
      const values = weights.get(name)?.values;
      if (values instanceof Float32Array) return { name, shape, values };
      throw new RangeError(`Cannot exchange weights: "${name}" is missing, or no floats`);
    });
    const [old, taken] = [this.#weights, valuesOf(given)];
    this.#weights = taken;
    for (const value of old.values()) value.dispose();
  }

  dispose(): void {
    this.#session.dispose();
    for (const value of this.#weights.values()) value.dispose();
  }

  /** Keys or values of the layer that a name ends with. */
  #cacheView(name: string, views: readonly (readonly RuntimeValue[])[]): RuntimeValue {
    const [kind = "", layer = ""] = name.split(".");
    const { group, index } = this.places[Number(layer)]!;
    return views[group]![2 * index + (/values/i.test(kind) ? 1 : 0)]!;
  }

  #inputs({
    range,
    tokens,
    logitsAt,
    caches,
    rotation,
    ...run
  }: DecodeRun): Map<string, RuntimeValue> {
    const config: DecoderConfig = this.#options.config;
    const groups = config.num_key_value_heads;
    const perGroup = config.num_attention_heads / groups;
    const table = [rotation.places, config.head_dim / 2];
    const shape = [range.rows, range.tokens];
    // Without logits one is computed all the same: operators need not take what is empty.
    const at = logitsAt.length > 0 ? logitsAt : [0];
    return new Map([
      ["tokens", inputValue("int32", shape, tokens)],
      ["places", inputValue("int32", shape, [...tokens.keys()])],
      ["cos", new RuntimeValue(rotation.cos, "float32", table)],
      ["sin", new RuntimeValue(rotation.sin, "float32", table)],
      ["logitsAt", inputValue("int32", [at.length], at)],
      ...(this.#options.takesEmbeddings ? replacementInputs(config, run.replacements) : []),
      ...caches.flatMap((cache, i) =>
        groupInputs(this.#options.attention, String(i), cache, range, { perGroup, groups }),
      ),
    ]);
  }
}

/** Those of tokens `[from, from + count)`, counted from there. */
export function replacementsWithin(
  { at, embeddings }: Replacements,
  from: number,
  count: number,
): Replacements {
  const width = embeddings.length / Math.max(1, at.length);
  const kept = [...at.keys()].filter((i) => at[i]! >= from && at[i]! < from + count);
  const values = new Float32Array(kept.length * width);
  for (const [to, i] of kept.entries()) {
    values.set(embeddings.subarray(i * width, (i + 1) * width), to * width);
  }
  return { at: kept.map((i) => at[i]! - from), embeddings: values };
}

function replacementInputs(
  { hidden_size }: Pick<DecoderConfig, "hidden_size">,
  { at, embeddings }: Replacements = { at: [], embeddings: new Float32Array(0) },
): [string, RuntimeValue][] {
  const replaced = at.flatMap((token) => [0, token]);
  return [
    ["replaced", inputValue("int32", [at.length, 2], replaced)],
    ["replacements", inputValue("float32", [at.length, hidden_size], embeddings)],
  ];
}

/** For a session. Whatever V8 still has in its moving heap leaves it when its buffer is asked for. */
export function valuesOf(weights: readonly GivenWeight[]): Map<string, RuntimeValue> {
  return new Map(
    weights.map(({ name, shape, values }) => {
      const { buffer, byteOffset, length } = values;
      const array = new Float32Array(buffer, byteOffset, length);
      return [name, new RuntimeValue(array, "float32", shape)];
    }),
  );
}
