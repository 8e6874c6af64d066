import * as tf from "@tensorflow/tfjs";

import { firstGradient, runGradientKernel, runKernel } from "./kernels.ts";
import { between, chunkStarts, queryChunk } from "./queryChunks.ts";
import {
  attentionAttributes,
  attentionGradientReference,
  attentionProbabilities,
  refuseMaskGradient,
  type AttentionAttributes,
  type AttentionInputs,
} from "./wholeAttention.ts";

export interface ChunkedAttentionAttributes extends AttentionAttributes {
  /** Queries of a chunk. */
  rows: number;
}

/**
 * Attention of some queries after the other. Probabilities are made for one chunk at a time, and
 * made anew by the gradient, so that memory grows with the tokens, not with their square.
 *
 * Source: Rabe & Staats 2021, arXiv:2112.05682; chunks of queries alone, so that no softmax is
 * divided and the numbers are those of {@link wholeAttention}.
 * Kernel `SeedbedChunkedAttention`: `{q, k, v, mask}`, `{scale, causal, rows}` to `out`.
 *
 * @returns `[batch, heads, queries, features]`
 */
export function chunkedAttention(
  inputs: AttentionInputs,
  { scale, causal, rows }: ChunkedAttentionAttributes,
): tf.Tensor4D {
  const attributes = { scale, causal, rows };
  return (
    runKernel<tf.Tensor4D>("SeedbedChunkedAttention", { ...inputs }, attributes) ??
    tf.tidy(() => compose(inputs, attributes))
  );
}

/** With the gradient of this file: TF.js's tape would keep the probabilities of all chunks. */
function compose(inputs: AttentionInputs, attributes: ChunkedAttentionAttributes): tf.Tensor4D {
  const attend = tf.customGrad<tf.Tensor4D>((...inputsAndSave) => {
    const { q, k, v, mask } = inputs;
    const save = inputsAndSave.at(-1);
    if (typeof save === "function") save([q, k, v, mask]);
    return {
      value: chunkedAttentionReference(inputs, attributes),
      gradFunc: (dy, [savedQ, savedK, savedV, savedMask]) =>
        chunkedAttentionGradientReference(
          dy,
          { q: savedQ!, k: savedK!, v: savedV!, mask: savedMask! },
          attributes,
        ),
    };
  });
  return attend(inputs.q, inputs.k, inputs.v);
}

export function chunkedAttentionReference(
  inputs: AttentionInputs,
  { scale, causal, rows }: ChunkedAttentionAttributes,
): tf.Tensor4D {
  const chunks = chunkStarts(inputs.q, rows).map((start) =>
    tf.tidy(() => {
      const { q, k, v, mask } = queryChunk(inputs, start, { rows, causal });
      return tf.matMul<tf.Tensor4D>(
        attentionProbabilities(q, k, { scale, causal, mask }, start),
        v,
      );
    }),
  );
  return tf.concat<tf.Tensor4D>(chunks, 2);
}

/**
 * Gradients of {@link chunkedAttention} by `q`, `k` and `v`.
 *
 * Kernel `SeedbedChunkedAttentionGradient`: `{dy, q, k, v, mask, out}`, `{scale, causal, rows}` to
 * `[dq, dk, dv]`.
 *
 * @param out what the forward pass gave
 */
export function chunkedAttentionGradient(
  dy: tf.Tensor,
  { out, ...inputs }: AttentionInputs & { out: tf.Tensor },
  { scale, causal, rows }: ChunkedAttentionAttributes,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  const attributes = { scale, causal, rows };
  return (
    runGradientKernel<[tf.Tensor, tf.Tensor, tf.Tensor]>(
      "SeedbedChunkedAttentionGradient",
      { dy, ...inputs, out },
      attributes,
    ) ?? tf.tidy(() => chunkedAttentionGradientReference(dy, inputs, attributes))
  );
}

export function chunkedAttentionGradientReference(
  dy: tf.Tensor,
  inputs: AttentionInputs,
  { scale, causal, rows }: ChunkedAttentionAttributes,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  const { k, v } = inputs;
  const dqs: tf.Tensor[] = [];
  let [dk, dv]: tf.Tensor[] = [tf.zerosLike(k), tf.zerosLike(v)];
  for (const start of chunkStarts(inputs.q, rows)) {
    const [dq, nextDk, nextDv] = tf.tidy((): [tf.Tensor, tf.Tensor, tf.Tensor] => {
      const { mask, ...chunk } = queryChunk(inputs, start, { rows, causal });
      const dChunk = between(dy, 2, start, start + chunk.q.shape[2]!);
      const options = { scale, causal, mask };
      const [first, second, third] = attentionGradientReference(dChunk, chunk, options, start);
      return [first, dk!.add(padKeys(second, k)), dv!.add(padKeys(third, v))];
    });
    tf.dispose([dk!, dv!]); // else there would be as many as chunks
    dqs.push(dq);
    [dk, dv] = [nextDk, nextDv];
  }
  return [tf.concat(dqs, 2), dk!, dv!];
}

/** Zeros for the keys that a causal chunk does not see. */
function padKeys(gradient: tf.Tensor, like: tf.Tensor): tf.Tensor {
  const missing = like.shape[2]! - gradient.shape[2]!;
  return missing === 0
    ? gradient
    : tf.pad(
        gradient,
        gradient.shape.map((_, axis) => [0, axis === 2 ? missing : 0]),
      );
}

tf.registerGradient({
  kernelName: "SeedbedChunkedAttention",
  inputsToSave: ["q", "k", "v", "mask"],
  outputsToSave: [true],
  gradFunc: (dy, [q, k, v, mask, out], attributes) => {
    const [dq, dk, dv] = chunkedAttentionGradient(
      firstGradient(dy),
      { q: q!, k: k!, v: v!, mask: mask!, out: out! },
      { ...attentionAttributes(attributes), rows: Number(attributes["rows"]) },
    );
    return { q: () => dq, k: () => dk, v: () => dv, mask: refuseMaskGradient };
  },
});
