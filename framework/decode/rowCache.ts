import type { RuntimeValue } from "../runtime/session.ts";
import { CacheArrays, type CacheArraysOptions, type CachedTokens } from "./cacheArrays.ts";
import type { LayerGroup } from "./layerGroups.ts";
import type { RotationTable } from "./rotationTable.ts";

/** Tokens beyond the window that stay, so that the last few can be taken back. */
const rewindTokens = 16;
/** Tokens a row has room for at first, where it may grow. */
const firstCapacity = 256;

export interface RowCacheOptions extends Omit<CacheArraysOptions, "hasOffsets"> {
  /** Most tokens of a row, for layers that see all of them. */
  readonly capacity: number;
  /** Most tokens of one run. */
  readonly chunk: number;
}

/** Where a row's visible tokens are in its memory. */
interface RowState {
  /** First of them. */
  start: number;
  count: number;
  /** Tokens that were there and are not visible any more. */
  evicted: number;
  /** The first tokens of the text as they were at their own positions, for each layer. */
  sinks?: undefined | { readonly keys: Float32Array; readonly tokens: CachedTokens }[];
}

/**
 * The cache of a group of layers: what each row sees lies in one piece of its memory, `start` of it
 * on. With a window that piece moves on, and back to the front once in a while; first tokens that
 * stay are put before it anew, their keys turned so that their distances are those in the cache.
 */
export class RowCache {
  readonly group: LayerGroup;
  readonly #arrays: CacheArrays;
  readonly #options: RowCacheOptions;
  readonly #rotation: RotationTable;
  readonly #states: RowState[];

  constructor(group: LayerGroup, options: RowCacheOptions, rotation: RotationTable) {
    this.group = group;
    this.#options = options;
    this.#rotation = rotation;
    const layers = group.layers.length;
    const arrays = { ...options, hasOffsets: group.window !== null };
    this.#arrays = new CacheArrays(layers, slotsFor(group, options), arrays);
    this.#states = Array.from({ length: options.rows }, emptyState);
  }

  /** Tokens that fit into a row's memory; one of them is for rows that are computed along. */
  get slots(): number {
    return this.#arrays.capacity;
  }

  get bytes(): number {
    return this.#arrays.bytes;
  }

  get tokenBytes(): number {
    return this.#arrays.tokenBytes;
  }

  /** Whether all tokens of the row are still there. */
  isWhole(row: number): boolean {
    return this.#states[row]!.evicted === 0;
  }

  /** Where a run that works on this row alone begins, and how many tokens it finds. */
  seenAlone(row: number): { offset: number; past: number } {
    const { start, count } = this.#states[row]!;
    return { offset: start, past: count };
  }

  /** What a run over several rows finds from the front of the row's memory on. */
  seenFromFront(row: number): number {
    const { start, count } = this.#states[row]!;
    return start + count;
  }

  /** Keys and values of each layer in turn. */
  views(firstRow: number, rows: number, offset: number): RuntimeValue[] {
    return this.#arrays.views(firstRow, rows, offset);
  }

  /**
   * Most tokens that the next run may add to a row, of those that were asked for: with first tokens
   * that stay, a run either fills the cache or goes on where it is full.
   */
  fitting(row: number, tokens: number): number {
    const { window, sinks } = this.group;
    if (window === null || sinks === 0) return tokens;
    const room = sinks + window - this.#states[row]!.count;
    return Math.min(tokens, room > 0 ? room : window);
  }

  /** @throws {RangeError} when a row that keeps all its tokens has no room for so many */
  checkRoom(row: number, tokens: number): void {
    const { count } = this.#states[row]!;
    const { capacity } = this.#options;
    if (this.group.window !== null || count + tokens <= capacity) return;
    throw new RangeError(
      `Cannot decode: row ${row} holds ${count} tokens and has room for ${capacity}, got ${tokens} more; make the engine with a larger capacity`,
    );
  }

  /** Makes room for tokens at the end of a row. */
  reserve(row: number, tokens: number): void {
    this.checkRoom(row, tokens);
    const state = this.#states[row]!;
    const { window, sinks } = this.group;
    if (window === null) return this.#grow(state.count + tokens + 1);
    const kept = sinks > 0 ? sinks + window - tokens : window - 1 + rewindTokens;
    const surplus = Math.max(0, state.count - kept);
    if (sinks > 0 && surplus > 0) state.sinks ??= this.#readSinks(row);
    state.start += surplus;
    state.count -= surplus;
    state.evicted += surplus;
    if (state.start + state.count + tokens + 1 > this.slots) {
      this.#arrays.move(row, state.start, row, 0, state.count);
      state.start = 0;
    }
    if (state.sinks && surplus > 0) this.#placeSinks(row, state);
  }

  /** Counts tokens that a run has put at the end of the row. */
  added(row: number, tokens: number): void {
    this.#states[row]!.count += tokens;
  }

  /** @throws {RangeError} when tokens that would be seen again are gone */
  checkTruncation(row: number, removed: number): void {
    const { count, evicted } = this.#states[row]!;
    const { window, sinks } = this.group;
    if (evicted === 0) return;
    if (sinks === 0 && count - removed >= window! - 1) return;
    throw new RangeError(
      `Cannot take ${removed} tokens of row ${row} back: what its window saw before them is gone`,
    );
  }

  /** Takes the last tokens back; see {@link checkTruncation}. */
  truncate(row: number, removed: number): void {
    this.#states[row]!.count -= removed;
  }

  reset(row: number): void {
    this.#states[row] = emptyState();
  }

  /** Makes a row what another is. */
  copy(from: number, to: number): void {
    const { start, count, ...rest } = this.#states[from]!;
    this.#arrays.move(from, start, to, 0, count);
    this.#states[to] = { ...rest, start: 0, count };
  }

  /** Copies of tokens of a row that has all of them, for each layer. */
  read(row: number, from: number, to: number): CachedTokens[] {
    const { start } = this.#states[row]!;
    return this.group.layers.map((_, i) => this.#arrays.read(i, row, start + from, to - from));
  }

  /** Adds what {@link read} gave to a row for which room was made. */
  append(row: number, layers: readonly CachedTokens[], tokens: number): void {
    const state = this.#states[row]!;
    for (const [i, layer] of layers.entries()) {
      this.#arrays.write(i, row, state.start + state.count, layer);
    }
    state.count += tokens;
  }

  dispose(): void {
    this.#arrays.dispose();
  }

  #grow(needed: number): void {
    if (needed <= this.slots) return;
    const most = this.#options.capacity + 1;
    this.#arrays.resize(Math.min(most, Math.max(needed, 2 * this.slots)));
  }

  #readSinks(row: number): RowState["sinks"] {
    return this.read(row, 0, this.group.sinks).map((tokens, layer) => ({
      tokens,
      keys: this.#arrays.floatKeys(layer, tokens),
    }));
  }

  /** In place of the tokens that were evicted last, which were the first of the visible ones. */
  #placeSinks(row: number, { start, evicted, sinks }: RowState): void {
    for (const [layer, { keys, tokens }] of sinks!.entries()) {
      const turned = this.#arrays.storedKeys(layer, this.#rotation.turned(keys, evicted));
      this.#arrays.write(layer, row, start, { keys: turned, values: tokens.values });
    }
  }
}

function emptyState(): RowState {
  return { start: 0, count: 0, evicted: 0 };
}

/** With a window, half of what is visible is room to move on in. */
function slotsFor({ window, sinks }: LayerGroup, { capacity, chunk }: RowCacheOptions): number {
  if (window === null) return Math.min(capacity, firstCapacity) + 1;
  const visible = sinks > 0 ? sinks + window : window - 1 + rewindTokens + chunk;
  return visible + Math.ceil(visible / 2) + 1;
}
