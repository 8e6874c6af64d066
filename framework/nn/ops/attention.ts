import * as tf from "@tensorflow/tfjs";

import { firstGradient, runGradientKernel, runKernel } from "./kernels.ts";

export interface AttentionOptions {
  /** Multiplies the scores; usually `1 / sqrt(features)`. */
  scale: number;
  /** Token i sees tokens 0..i alone; needs as many keys as queries. */
  causal?: boolean;
}

/**
 * Scaled dot-product attention of each head by itself.
 *
 * Source: Vaswani et al. 2017, arXiv:1706.03762, eq. 1.
 * Kernel `SeedbedAttention`: `{q, k, v}`, `{scale, causal}` to `[out, probabilities]`, the latter
 * `[batch, heads, queries, keys]`.
 *
 * @param q `[batch, heads, queries, features]`
 * @param k `[batch, heads, keys, features]`, also `v`
 * @returns `[batch, heads, queries, features]`
 * @throws {RangeError} when `causal` and the numbers of queries and keys differ
 */
export function attention(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { scale, causal = false }: AttentionOptions,
): tf.Tensor4D {
  if (causal && q.shape[2] !== k.shape[2]) {
    throw new RangeError(
      `Cannot attend causally: expected as many keys as queries, got q [${q.shape.join(", ")}] and k [${k.shape.join(", ")}]`,
    );
  }
  const outputs = runKernel<[tf.Tensor4D, tf.Tensor]>(
    "SeedbedAttention",
    { q, k, v },
    { scale, causal },
  );
  if (outputs) return outputs[0];
  return tf.tidy(() => tf.matMul<tf.Tensor4D>(attentionProbabilities(q, k, { scale, causal }), v));
}

/** Second output of the kernel. */
export function attentionProbabilities(
  q: tf.Tensor,
  k: tf.Tensor,
  { scale, causal = false }: AttentionOptions,
): tf.Tensor {
  return tf.tidy(() => {
    const scores = tf.matMul(q, k, false, true).mul(scale);
    return tf.softmax(causal ? scores.add(causalMask(q.shape[2] ?? 1)) : scores);
  });
}

/** `[tokens, tokens]`: 0 where row i may see column j <= i, minus infinity elsewhere. */
function causalMask(tokens: number): tf.Tensor {
  const values = Float32Array.from({ length: tokens * tokens }, (_, index) =>
    index % tokens <= Math.floor(index / tokens) ? 0 : -Infinity,
  );
  return tf.tensor2d(values, [tokens, tokens]);
}

/** What the gradient needs from the forward pass. */
export interface AttentionSaved {
  q: tf.Tensor;
  k: tf.Tensor;
  v: tf.Tensor;
  probabilities: tf.Tensor;
}

/**
 * Gradients of {@link attention} by `q`, `k` and `v`.
 *
 * Kernel `SeedbedAttentionGradient`: `{dy, q, k, v, probabilities}`, `{scale, causal}` to
 * `[dq, dk, dv]`.
 */
export function attentionGradient(
  dy: tf.Tensor,
  saved: AttentionSaved,
  { scale, causal = false }: AttentionOptions,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  return (
    runGradientKernel<[tf.Tensor, tf.Tensor, tf.Tensor]>(
      "SeedbedAttentionGradient",
      { dy, ...saved },
      { scale, causal },
    ) ?? attentionGradientReference(dy, saved, { scale, causal })
  );
}

/** Makes the probabilities anew: a second gradient goes through them. */
export function attentionGradientReference(
  dy: tf.Tensor,
  { q, k, v }: Omit<AttentionSaved, "probabilities">,
  options: AttentionOptions,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  return tf.tidy(() => {
    const probabilities = attentionProbabilities(q, k, options);
    const dProbabilities = tf.matMul(dy, v, false, true);
    const along = dProbabilities.mul(probabilities).sum(-1, true);
    const dScores = dProbabilities.sub(along).mul(probabilities).mul(options.scale);
    return [
      tf.matMul(dScores, k),
      tf.matMul(dScores, q, true, false),
      tf.matMul(probabilities, dy, true, false),
    ];
  });
}

tf.registerGradient({
  kernelName: "SeedbedAttention",
  inputsToSave: ["q", "k", "v"],
  outputsToSave: [false, true],
  gradFunc: (dy, [q, k, v, probabilities], attributes) => {
    const [dq, dk, dv] = attentionGradient(
      firstGradient(dy),
      { q: q!, k: k!, v: v!, probabilities: probabilities! },
      { scale: Number(attributes["scale"]), causal: attributes["causal"] === true },
    );
    return { q: () => dq, k: () => dk, v: () => dv };
  },
});
