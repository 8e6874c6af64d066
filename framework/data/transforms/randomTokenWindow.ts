import { hostTensor, type HostTensor } from "../../base/hostTensor.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Transform } from "./transform.ts";

/**
 * Successive tokens from a random place of a sequence `[tokens, ...]`, each place equally likely.
 * A sequence that is not longer stays whole. The result shares the sequence's memory.
 *
 * @param length tokens in the window; to train on the next token, one more than the model sees
 */
export function randomTokenWindow(length: number): Transform<HostTensor> {
  if (!Number.isInteger(length) || length < 1) {
    throw new RangeError(`Cannot cut windows: length must be an integer >= 1, got ${length}`);
  }
  return (sequence, random) => {
    const place = random.uniform();
    const [tokens = 0, ...features] = sequence.shape;
    if (tokens <= length) return sequence;
    const size = sizeOf(features);
    const start = Math.floor(place * (tokens - length + 1)) * size;
    const values = sequence.values.subarray(start, start + length * size);
    return hostTensor(values, [length, ...features]);
  };
}
