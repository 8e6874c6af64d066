import type { GraphValue } from "../graph/graph.ts";
import type { LaneRecipe } from "../graph/laneRecipe.ts";
import { laneOffsets, type LaneGroup } from "../graph/passes/fuseLanes.ts";
import { reclaimMemory } from "../runtime/reclaimMemory.ts";
import { allocate, RuntimeValue, type HostArray } from "../runtime/session.ts";
import type { LaneArrays } from "../wasm/laneThreads.ts";
import type { Entry } from "./entry.ts";

/** What variables leave behind is reclaimed if it has this size when all are in their places. */
const worthwhileBytes = 16e6;
/** It is reclaimed on the way, too, lest the old and the new memory of all be there at once. */
const mostBytes = 256e6;

/** A recipe with the memory that has its arrays. */
interface RecipeArrays extends SharedArrays {
  readonly recipe: LaneRecipe;
}

interface SharedArrays {
  readonly memory: WebAssembly.Memory;
  readonly arrays: LaneArrays;
}

/** One value's part of the memory that its role has. */
interface Slot {
  readonly array: HostArray;
  /** Whose values were put here last. */
  owner: Entry | undefined;
}

/**
 * The memory of a fused program: the arrays of each role one after another, so that any stretch of
 * them can be handed to ONNX Runtime. Variables have their values in it while the program lives.
 */
export class LaneMemory {
  /** What the program reads and writes: its piece values, each bound to its stretch. */
  readonly pieces: ReadonlyMap<GraphValue, RuntimeValue>;
  /** Where recipes find their arrays. */
  readonly recipes: readonly RecipeArrays[];
  readonly #slots = new Map<GraphValue, Slot>();
  /** Size of arrays that variables have left for good since memory was reclaimed. */
  #leftBytes = 0;

  /** @param current arrays that values have now; where they lie as wanted they stay where they are */
  constructor(groups: readonly LaneGroup[], current: (value: GraphValue) => HostArray | undefined) {
    const pieces = new Map<GraphValue, RuntimeValue>();
    const recipes: RecipeArrays[] = [];
    for (const { sizes, operands, pieces: stretches, recipe } of groups) {
      const { offsets, length } = laneOffsets(sizes);
      const shared = recipe && laneArrays(operands.length, length);
      if (recipe && shared) recipes.push({ recipe, ...shared });
      for (const [role, values] of operands.entries()) {
        const arrays = values.map(current);
        const together = !shared && areJoint(arrays, offsets, length) ? arrays : undefined;
        const all = together?.[0] ?? (shared ? roleOf(shared, role) : allocate("float32", length));
        const floats = new Float32Array(all.buffer, all.byteOffset, length);
        for (const [i, value] of values.entries()) {
          const slice = floats.subarray(offsets[i]!, offsets[i]! + sizes[i]!);
          this.#slots.set(value, { array: together?.[i] ?? slice, owner: undefined });
        }
        for (const { start, length: count, inputs, outputs } of stretches) {
          const stretch = floats.subarray(start, start + count);
          const bound = new RuntimeValue(stretch, "float32", [count]);
          pieces.set(inputs[role]!, bound);
          if (outputs[role]) pieces.set(outputs[role], bound);
        }
      }
    }
    this.pieces = pieces;
    this.recipes = recipes;
  }

  /** The array of a value that the program is handed by another; undefined if it is not fused. */
  arrayOf(value: GraphValue): HostArray | undefined {
    return this.#slots.get(value)?.array;
  }

  /**
   * Moves a variable's values to where the program expects them. Whoever else holds what was there
   * before, such as a clone of the variable's former value, gets a copy.
   */
  place(value: GraphValue, entry: Entry): void {
    const slot = this.#slots.get(value);
    if (!slot) return;
    if (entry.array !== slot.array) {
      const { owner, array } = slot;
      if (owner && owner.refCount > 0 && owner.array === array) owner.array = copyOf(array);
      array.set(entry.array!);
      entry.array = array;
      if (!owner) this.#leave(array.byteLength);
    }
    slot.owner = entry;
  }

  /** Says that all variables are in their places. */
  placed(): void {
    if (this.#leftBytes >= worthwhileBytes) this.#reclaim();
  }

  #leave(bytes: number): void {
    this.#leftBytes += bytes;
    if (this.#leftBytes >= mostBytes) this.#reclaim();
  }

  #reclaim(): void {
    this.#leftBytes = 0;
    reclaimMemory();
  }
}

/** Memory for all roles of a recipe. */
function laneArrays(roles: number, length: number): SharedArrays {
  const stride = 4 * length;
  const pages = Math.ceil((roles * stride) / 2 ** 16);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  return { memory, arrays: { start: 0, stride, length } };
}

function roleOf({ memory, arrays }: SharedArrays, role: number): Float32Array {
  const { start, stride, length } = arrays;
  return new Float32Array(memory.buffer, start + role * stride, length);
}

function copyOf(array: HostArray): HostArray {
  const copy = allocate("float32", array.length);
  copy.set(array);
  return copy;
}

/** Whether values of these sizes already lie in one memory as a program of lanes wants them. */
export function lieTogether(
  arrays: readonly (HostArray | undefined)[],
  sizes: readonly number[],
): boolean {
  const { offsets, length } = laneOffsets(sizes);
  return areJoint(arrays, offsets, length);
}

/** Whether the arrays are already part of one memory, each at its offset. */
function areJoint(
  arrays: readonly (HostArray | undefined)[],
  offsets: readonly number[],
  length: number,
): arrays is readonly HostArray[] {
  const [first] = arrays;
  if (!first) return false;
  const { buffer, byteOffset: start } = first;
  const inPlace = arrays.every(
    (array, i) => array?.buffer === buffer && array.byteOffset === start + offsets[i]! * 4,
  );
  return inPlace && buffer.byteLength >= start + length * 4;
}
