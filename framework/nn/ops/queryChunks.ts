import * as tf from "@tensorflow/tfjs";

import type { AttentionInputs } from "./wholeAttention.ts";

/** First query of each chunk of `rows` queries. */
export function chunkStarts(q: tf.Tensor, rows: number): number[] {
  const chunks = Math.ceil((q.shape[2] ?? 0) / rows);
  return Array.from({ length: chunks }, (_, i) => i * rows);
}

/** Queries `start` to `start + rows` and what they see. */
export function queryChunk(
  inputs: AttentionInputs,
  start: number,
  { rows, causal }: { rows: number; causal: boolean },
): AttentionInputs {
  const end = Math.min(start + rows, inputs.q.shape[2]!);
  return { q: between(inputs.q, 2, start, end), ...seenFrom(inputs, start, { end, causal }) };
}

/**
 * What queries `start` to `end` (exclusive) see: when causal, no key that comes after them. The
 * queries are those of the last keys.
 */
export function seenFrom(
  { q, k, v, mask }: AttentionInputs,
  start: number,
  { end, causal }: { end: number; causal: boolean },
): Omit<AttentionInputs, "q"> {
  const [queries, keys] = [q.shape[2]!, k.shape[2]!];
  const seen = causal ? keys - queries + end : keys;
  const rows = mask.shape.at(-2) === 1 ? mask : between(mask, mask.rank - 2, start, end);
  return {
    k: between(k, 2, 0, seen),
    v: between(v, 2, 0, seen),
    mask: mask.shape.at(-1) === 1 ? rows : between(rows, mask.rank - 1, 0, seen),
  };
}

/** Elements `start` to `end` (exclusive) of one axis. */
export function between(x: tf.Tensor, axis: number, start: number, end: number): tf.Tensor {
  if (end - start === x.shape[axis]) return x;
  const begin = x.shape.map((_, i) => (i === axis ? start : 0));
  return tf.slice(x, begin, x.shape.with(axis, end - start));
}
