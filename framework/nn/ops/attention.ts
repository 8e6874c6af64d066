import * as tf from "@tensorflow/tfjs";

import { attentionInParts, attentionPart, type AttentionPart } from "./attentionInParts.ts";
import { chunkedAttention } from "./chunkedAttention.ts";
import { wholeAttention, type AttentionOptions } from "./wholeAttention.ts";

/** Probabilities that are kept for the gradient, 64 MB; more are made by chunks, twice. */
const maxProbabilities = 2 ** 24;
/** Probabilities of a chunk, 32 MB. */
const maxChunk = 2 ** 23;
/** Likewise where keys are few, 4 MB: made anew they cost less than the memory that keeps them. */
const maxOfFewKeys = 2 ** 20;
/** Queries of a chunk at least: fewer make thin products. Memory then grows with the keys. */
const minRows = 64;

let isUndivided = false;

/**
 * Runs a function in which attention is never done in parts or chunks: what is recorded for sizes
 * that are not known yet cannot depend on them.
 */
export function withUndividedAttention<Result>(run: () => Result): Result {
  const before = isUndivided;
  isUndivided = true;
  try {
    return run();
  } finally {
    isUndivided = before;
  }
}

/**
 * Scaled dot-product attention of each head by itself; in parts that the processor's cache holds, and
 * by chunks of queries where all their probabilities at once would take much memory.
 *
 * Source: Vaswani et al. 2017, arXiv:1706.03762, eq. 1.
 *
 * @param q `[batch, heads, queries, features]`
 * @param k `[batch, heads, keys, features]`, also `v`
 * @returns `[batch, heads, queries, features]`
 * @throws {RangeError} when `causal` and the numbers of queries and keys differ, or the mask does
 *   not fit
 */
export function attention(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { scale, causal = false, mask }: AttentionOptions,
): tf.Tensor4D {
  if (causal && q.shape[2] !== k.shape[2]) {
    throw new RangeError(
      `Cannot attend causally: expected as many keys as queries, got q [${q.shape.join(", ")}] and k [${k.shape.join(", ")}]`,
    );
  }
  const scores = [...q.shape.slice(0, -1), k.shape[2] ?? 1];
  if (mask) checkMask(mask, scores);
  const rows = queriesPerChunk(scores);
  return tf.tidy(() => {
    const inputs = { q, k, v, mask: mask ? withRank4(mask) : tf.zeros([1, 1, 1, 1]) };
    if (isUndivided) return wholeAttention(inputs, { scale, causal });
    return rows < scores[2]!
      ? chunkedAttention(inputs, { scale, causal, rows })
      : attentionInParts(inputs, { scale, causal }, partFor(scores, causal));
  });
}

/** A device computes all at once better than in parts. */
function partFor(scores: readonly number[], causal: boolean): AttentionPart {
  const [batch = 1, heads = 1, queries = 1] = scores;
  return tf.getBackend() === "webgpu"
    ? { heads: batch * heads, queries }
    : attentionPart(scores, causal);
}

function checkMask(mask: tf.Tensor, scores: readonly number[]): void {
  const skipped = scores.length - mask.rank;
  const fits = mask.shape.every((length, i) => length === 1 || length === scores[i + skipped]);
  if (skipped >= 0 && fits) return;
  throw new RangeError(
    `Cannot mask attention: expected a shape that broadcasts to [${scores.join(", ")}], got [${mask.shape.join(", ")}]`,
  );
}

function withRank4(mask: tf.Tensor): tf.Tensor {
  return mask.reshape([1, 1, 1, 1, ...mask.shape].slice(-4));
}

/**
 * How many queries are attended to at once.
 *
 * @param scores `[batch, heads, queries, keys]`
 */
export function queriesPerChunk([
  batch = 1,
  heads = 1,
  queries = 1,
  keys = 1,
]: readonly number[]): number {
  const perQuery = batch * heads * keys;
  const fewKeys = keys * 4 <= queries; // as words beside the pixels that look at them
  if (perQuery * queries <= (fewKeys ? maxOfFewKeys : maxProbabilities)) return queries;
  const most = Math.max(minRows, Math.floor((fewKeys ? maxOfFewKeys : maxChunk) / perQuery));
  return Math.ceil(queries / Math.ceil(queries / most)); // chunks of one size
}
