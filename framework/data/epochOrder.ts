import { RandomStream } from "../base/random.ts";

/** Which examples an epoch visits, in which order: a pure function of the epoch. */
export interface EpochOrder {
  /** Examples visited in one epoch. */
  readonly length: number;
  indices(epoch: number): Int32Array;
  /**
   * A number of its own for every visit of all epochs, which keys the visit's random numbers; by
   * default `epoch * length + visit`. An order that is a part of another keeps the other's.
   */
  visitNumber?(epoch: number, visit: number): number;
}

/** The number of a visit, of any order. */
export function visitNumber(order: EpochOrder, epoch: number, visit: number): number {
  return order.visitNumber?.(epoch, visit) ?? epoch * order.length + visit;
}

/** Remembers the latest epoch, for loaders ask for one epoch's batches one by one. */
export function remembered(length: number, make: (epoch: number) => Int32Array): EpochOrder {
  checkLength(length);
  let latest: { epoch: number; indices: Int32Array } | undefined;
  return {
    length,
    indices(epoch) {
      if (latest?.epoch !== epoch) latest = { epoch, indices: make(epoch) };
      return latest.indices;
    },
  };
}

/** 0, 1, 2 … in every epoch. */
export function sequentialOrder(length: number): EpochOrder {
  return remembered(length, () => Int32Array.from({ length }, (_, i) => i));
}

/** Every example once an epoch, each epoch in another order. */
export function shuffledOrder(length: number, seed: number): EpochOrder {
  return remembered(length, (epoch) =>
    new RandomStream(seed, "order/shuffled", epoch).permutation(length),
  );
}

/**
 * Draws with replacement, each example in proportion to its weight.
 *
 * @param weights one per example, >= 0
 * @param options.length draws in one epoch; by default as many as there are examples
 */
export function weightedOrder(
  weights: readonly number[],
  seed: number,
  { length = weights.length }: { length?: number } = {},
): EpochOrder {
  const sums = cumulativeSums(weights);
  return remembered(length, (epoch) => {
    const random = new RandomStream(seed, "order/weighted", epoch);
    const total = sums[sums.length - 1]!;
    return Int32Array.from({ length }, () => firstAbove(sums, random.uniform() * total));
  });
}

/** Weights by which every group is drawn equally often, and evenly inside. */
export function balancedWeights(groups: readonly string[]): number[] {
  const sizes = new Map<string, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  return groups.map((group) => 1 / sizes.get(group)!);
}

function cumulativeSums(weights: readonly number[]): Float64Array {
  const sums = new Float64Array(weights.length);
  let total = 0;
  weights.forEach((weight, i) => {
    if (!(weight >= 0 && weight < Infinity)) {
      throw new RangeError(`Cannot draw examples: expected weights >= 0, got ${weight} at ${i}`);
    }
    total += weight;
    sums[i] = total;
  });
  if (total === 0)
    throw new RangeError("Cannot draw examples: expected a weight above 0, got none");
  return sums;
}

/** Index of the first sum that is above `value`, by bisection. */
function firstAbove(sums: Float64Array, value: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

function checkLength(length: number): void {
  if (Number.isInteger(length) && length >= 1) return;
  throw new RangeError(`Cannot order examples: expected at least one, got ${length}`);
}
