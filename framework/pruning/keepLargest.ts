import type { Kept } from "./decoderWeights.ts";

/**
 * Places of the most important things, in growing order; of equals the first stays.
 *
 * @throws {RangeError} when there are not so many
 */
export function keepLargest(importance: ArrayLike<number>, count: number): Kept {
  if (!(Number.isInteger(count) && count >= 1 && count <= importance.length)) {
    throw new RangeError(
      `Cannot keep the most important: expected 1 to ${importance.length} of them, got ${count}`,
    );
  }
  const order = Array.from(importance, (_, i) => i);
  order.sort((a, b) => importance[b]! - importance[a]! || a - b);
  return order.slice(0, count).toSorted((a, b) => a - b);
}
