import * as tf from "@tensorflow/tfjs";

import { chunkStarts, seenFrom } from "./queryChunks.ts";
import {
  wholeAttention,
  type AttentionAttributes,
  type AttentionInputs,
} from "./wholeAttention.ts";

/** Probabilities of a part, 4 MB: what is done to them one after the other finds them in the cache. */
const maxPart = 2 ** 20;
/** Queries of a part when causal: what comes after them need not be computed. */
const causalRows = 64;

/** Heads and queries that are attended to at once. */
export interface AttentionPart {
  /** Of all examples together, whose number it divides. */
  heads: number;
  queries: number;
}

/**
 * Attention of some heads after the other, and when causal of some queries, over no more keys than
 * they see. The numbers are those of {@link wholeAttention}, which is what there is for a mask that
 * differs between heads.
 *
 * @returns `[batch, heads, queries, features]`
 */
export function attentionInParts(
  inputs: AttentionInputs,
  attributes: AttentionAttributes,
  part: AttentionPart,
): tf.Tensor4D {
  const { q, mask } = inputs;
  const [batch = 1, heads = 1, queries = 1, features = 1] = q.shape;
  const isWhole = part.heads === batch * heads && part.queries >= queries;
  const ofHeads = mask.shape[0]! > 1 || mask.shape[1]! > 1;
  if (isWhole || ofHeads) return wholeAttention(inputs, attributes);
  return tf.tidy(() => {
    const all = [inputs.q, inputs.k, inputs.v].map((x) =>
      x.reshape([1, batch * heads, ...x.shape.slice(2)]),
    );
    const parts = (batch * heads) / part.heads;
    const [qs, ks, vs] = all.map((x) => (parts === 1 ? [x] : tf.split(x, parts, 1)));
    const outputs = qs!.map((one, i) =>
      attendInRows({ q: one, k: ks![i]!, v: vs![i]!, mask }, attributes, part.queries),
    );
    return tf.concat(outputs, 1).reshape([batch, heads, queries, features]);
  });
}

/** `rows` queries after the other, each over the keys that they see. */
function attendInRows(
  inputs: AttentionInputs,
  attributes: AttentionAttributes,
  rows: number,
): tf.Tensor {
  const { q } = inputs;
  const queries = q.shape[2]!;
  if (rows >= queries) return wholeAttention(inputs, attributes);
  const starts = chunkStarts(q, rows);
  const ends = starts.map((start) => Math.min(start + rows, queries));
  // A split's gradient is one concatenation, that of slices a sum of padded ones.
  const chunks = tf.split(
    q,
    ends.map((end, i) => end - starts[i]!),
    2,
  );
  const outputs = chunks.map((chunk, i) => {
    const seen = seenFrom(inputs, starts[i]!, { end: ends[i]!, causal: attributes.causal });
    return wholeAttention({ q: chunk, ...seen }, attributes);
  });
  return tf.concat(outputs, 2);
}

/**
 * How attention is divided: measured, docs/decisions/0011.
 *
 * @param scores `[batch, heads, queries, keys]`
 */
export function attentionPart(
  [batch = 1, heads = 1, queries = 1, keys = 1]: readonly number[],
  causal: boolean,
): AttentionPart {
  const rows = causal ? Math.min(queries, causalRows) : queries;
  const all = batch * heads;
  let parts = Math.min(all, Math.max(1, Math.ceil((all * rows * keys) / maxPart)));
  while (all % parts > 0) parts++;
  return { heads: all / parts, queries: rows };
}
