import type { FilePlace, ScratchFile } from "../base/scratchFiles.ts";
import type { GraphValue } from "../graph/graph.ts";
import type { LaneRecipe } from "../graph/laneRecipe.ts";
import { laneAlignment, type LaneGroup } from "../graph/passes/fuseLanes.ts";
import type { HostArray } from "../runtime/session.ts";
import type { LaneThreads, LoadedLanes } from "../wasm/laneThreads.ts";
import type { WindowMemory } from "./windowMemory.ts";

/** Where an array is. */
export type Source = HostArray | FilePlace;

/** A part of one member's arrays, and where a window has it. */
interface Segment {
  readonly member: number;
  /** Its first element. */
  readonly from: number;
  readonly count: number;
  /** Element of the window. */
  readonly at: number;
}

interface Window {
  readonly segments: readonly Segment[];
  /** Elements, a multiple of `laneAlignment`. */
  readonly length: number;
}

/** Bytes that a file and a window have in the same order. */
interface Transfer {
  readonly file: ScratchFile;
  readonly byteOffset: number;
  readonly at: number;
  count: number;
}

/**
 * A recipe on arrays of which some lie in files: windows of all arrays are put together, updated, and
 * put back. While one is updated the next is read and the one before is written.
 */
export class WindowedUpdate {
  readonly #group: LaneGroup;
  readonly #recipe: LaneRecipe;
  readonly #memory: WebAssembly.Memory;
  readonly #windowCount: number;
  /** Elements of a window of each array. */
  readonly #length: number;
  readonly #windows: readonly Window[];
  readonly #lanes: LoadedLanes;

  /** @param placeOf where values are that belong in files */
  constructor(
    group: LaneGroup,
    recipe: LaneRecipe,
    threads: LaneThreads,
    memory: WindowMemory,
    placeOf: (value: GraphValue) => FilePlace | undefined,
  ) {
    this.#group = group;
    this.#recipe = recipe;
    this.#memory = memory.of(recipe.operands);
    this.#windowCount = memory.windows;
    this.#length = memory.length;
    this.#windows = windowsOf(orderOf(group, placeOf), group.sizes, memory.length);
    this.#lanes = threads.load(recipe, this.#memory);
  }

  /** The numbers that the recipe takes, in its order. */
  get scalars(): readonly GraphValue[] {
    return this.#recipe.scalars;
  }

  /** @throws {Error} when a file cannot be read or written; then some of the arrays are updated */
  async run(numbers: readonly number[], sourceOf: (value: GraphValue) => Source): Promise<void> {
    const sources = this.#group.operands.map((values) => values.map(sourceOf));
    const underWay = new Set<Promise<void>>();
    const begin = (work: Promise<void>): Promise<void> => {
      underWay.add(work);
      work.catch(() => undefined); // it is waited for below
      return work;
    };
    const written: Promise<void>[] = [];
    try {
      let read = begin(this.#read(0, sources));
      for (const i of this.#windows.keys()) {
        await read;
        if (i + 1 < this.#windows.length) {
          await written[i + 1 - this.#windowCount]; // from where the next one is to be
          read = begin(this.#read(i + 1, sources));
        }
        await this.#update(i, sources, numbers);
        written[i] = begin(this.#write(i, sources));
      }
      await Promise.all(written);
    } finally {
      await Promise.allSettled(underWay); // nothing changes any more once this has failed
    }
  }

  async #update(
    index: number,
    sources: readonly (readonly Source[])[],
    numbers: readonly number[],
  ): Promise<void> {
    const { segments, length } = this.#windows[index]!;
    for (const [role, arrays] of sources.entries()) {
      const window = this.#windowOf(index, role);
      for (const { member, from, count, at } of segments) {
        const array = arrays[member]!;
        if (!("file" in array)) window.set(array.subarray(from, from + count), at);
      }
    }
    const stride = 4 * this.#length;
    await this.#lanes.run(numbers, { start: this.#startOf(index, 0), stride, length });
    for (const { operand } of this.#recipe.results) {
      const window = this.#windowOf(index, operand);
      for (const { member, from, count, at } of segments) {
        const array = sources[operand]![member]!;
        if (!("file" in array)) array.set(window.subarray(at, at + count), from);
      }
    }
  }

  async #read(index: number, sources: readonly (readonly Source[])[]): Promise<void> {
    const { segments } = this.#windows[index]!;
    const reads = sources.flatMap((arrays, role) =>
      transfersOf(segments, arrays).map(({ file, byteOffset, at, count }) =>
        file.read(this.#bytes(index, role, at, count), byteOffset),
      ),
    );
    await allEnded(reads);
  }

  async #write(index: number, sources: readonly (readonly Source[])[]): Promise<void> {
    const { segments } = this.#windows[index]!;
    const writes = this.#recipe.results.flatMap(({ operand }) =>
      transfersOf(segments, sources[operand]!).map(({ file, byteOffset, at, count }) =>
        file.write(this.#bytes(index, operand, at, count), byteOffset),
      ),
    );
    await allEnded(writes);
  }

  /** Byte at which a window's part of an array starts. */
  #startOf(index: number, role: number): number {
    const place = (index % this.#windowCount) * this.#recipe.operands + role;
    return 4 * this.#length * place;
  }

  #windowOf(index: number, role: number): Float32Array {
    return new Float32Array(this.#memory.buffer, this.#startOf(index, role), this.#length);
  }

  #bytes(index: number, role: number, at: number, count: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, this.#startOf(index, role) + 4 * at, 4 * count);
  }

  unload(): void {
    this.#lanes.unload();
  }
}

/** Waits for all of them, also where one fails. */
async function allEnded(works: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(works);
  await Promise.all(works);
}

/** Members as they follow each other in a file, so that a window of them is read at once. */
function orderOf(
  { sizes, operands }: LaneGroup,
  placeOf: (value: GraphValue) => FilePlace | undefined,
): number[] {
  const values = operands.find((each) => each.some(placeOf)) ?? [];
  const offsets = values.map((value) => placeOf(value)?.byteOffset ?? -1);
  return Array.from(sizes.keys()).toSorted((a, b) => offsets[a]! - offsets[b]! || a - b);
}

function windowsOf(order: readonly number[], sizes: readonly number[], length: number): Window[] {
  const windows: Window[] = [];
  let segments: Segment[] = [];
  let at = 0;
  const end = (): void => {
    if (at > 0) windows.push({ segments, length: at });
    segments = [];
    at = 0;
  };
  for (const member of order) {
    const size = sizes[member]!;
    for (let from = 0; from < size;) {
      const count = Math.min(size - from, length - at);
      segments.push({ member, from, count, at });
      from += count;
      at += Math.ceil(count / laneAlignment) * laneAlignment;
      if (at >= length) end();
    }
  }
  end();
  return windows;
}

/** What is read from files or written to them: members that follow each other there at once. */
function transfersOf(segments: readonly Segment[], sources: readonly Source[]): Transfer[] {
  const transfers: Transfer[] = [];
  for (const { member, from, count, at } of segments) {
    const source = sources[member]!;
    if (!("file" in source)) continue;
    const { file } = source;
    const byteOffset = source.byteOffset + 4 * from;
    const last = transfers.at(-1);
    if (last?.file === file && byteOffset - last.byteOffset === 4 * (at - last.at)) {
      last.count = at - last.at + count;
    } else {
      transfers.push({ file, byteOffset, at, count });
    }
  }
  return transfers;
}
