import * as tf from "@tensorflow/tfjs";

import { firstGradient, runGradientKernel, runKernel } from "./kernels.ts";

export interface AttentionOptions {
  /** Multiplies the scores; usually `1 / sqrt(features)`. */
  scale: number;
  /** Token i sees tokens 0..i alone. The queries are those of the last tokens. */
  causal?: boolean;
  /** Added to the scaled scores: broadcasts to `[batch, heads, queries, keys]`. */
  mask?: tf.Tensor;
}

/** What attention is computed from; a mask of one number changes nothing. */
export interface AttentionInputs {
  q: tf.Tensor;
  k: tf.Tensor;
  v: tf.Tensor;
  mask: tf.Tensor;
}

/** The options that a kernel takes as attributes. */
export type AttentionAttributes = Required<Omit<AttentionOptions, "mask">>;

/**
 * Attention of all queries at once, whose probabilities are kept for the gradient.
 *
 * Kernel `SeedbedAttention`: `{q, k, v, mask}`, `{scale, causal}` to `[out, probabilities]`, the
 * latter `[batch, heads, queries, keys]`.
 *
 * @returns `[batch, heads, queries, features]`
 */
export function wholeAttention(
  inputs: AttentionInputs,
  { scale, causal }: AttentionAttributes,
): tf.Tensor4D {
  return tf.tidy(() => {
    const outputs = runKernel<[tf.Tensor4D, tf.Tensor]>(
      "SeedbedAttention",
      { ...inputs },
      { scale, causal },
    );
    if (outputs) return outputs[0];
    const { q, k, v, mask } = inputs;
    const first = firstQuery({ q, k });
    return tf.matMul<tf.Tensor4D>(attentionProbabilities(q, k, { scale, causal, mask }, first), v);
  });
}

/** Number of the token that the first query belongs to. */
function firstQuery({ q, k }: Pick<AttentionInputs, "q" | "k">): number {
  return k.shape[2]! - q.shape[2]!;
}

/**
 * Second output of the kernel.
 *
 * @param first number of the first query, for a causal mask
 */
export function attentionProbabilities(
  q: tf.Tensor,
  k: tf.Tensor,
  { scale, causal = false, mask }: AttentionOptions,
  first = 0,
): tf.Tensor {
  return tf.tidy(() => {
    const scores = tf.matMul(q, k, false, true).mul(scale);
    const masked = mask && mask.size > 1 ? scores.add(mask) : scores;
    return tf.softmax(causal ? masked.add(causalMask(q.shape[2]!, k.shape[2]!, first)) : masked);
  });
}

/** `[queries, keys]`: 0 where query `first + i` may see key j, minus infinity elsewhere. */
function causalMask(queries: number, keys: number, first: number): tf.Tensor {
  const values = Float32Array.from({ length: queries * keys }, (_, index) =>
    index % keys <= first + Math.floor(index / keys) ? 0 : -Infinity,
  );
  return tf.tensor2d(values, [queries, keys]);
}

/** What the gradient needs from the forward pass. */
export interface AttentionSaved extends AttentionInputs {
  out: tf.Tensor;
  probabilities: tf.Tensor;
}

/**
 * Gradients of {@link wholeAttention} by `q`, `k` and `v`.
 *
 * Kernel `SeedbedAttentionGradient`: `{dy, q, k, v, out, probabilities}`, `{scale, causal}` to
 * `[dq, dk, dv]`.
 */
export function attentionGradient(
  dy: tf.Tensor,
  { mask, ...saved }: AttentionSaved,
  { scale, causal }: AttentionAttributes,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  return (
    runGradientKernel<[tf.Tensor, tf.Tensor, tf.Tensor]>(
      "SeedbedAttentionGradient",
      { dy, ...saved },
      { scale, causal },
    ) ?? attentionGradientReference(dy, saved, { scale, causal, mask }, firstQuery(saved))
  );
}

/** Makes the probabilities anew: a second gradient goes through them. */
export function attentionGradientReference(
  dy: tf.Tensor,
  { q, k, v }: Omit<AttentionInputs, "mask">,
  options: AttentionOptions,
  first = 0,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  return tf.tidy(() => {
    const probabilities = attentionProbabilities(q, k, options, first);
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

/** The attributes of a kernel call. */
export function attentionAttributes(attributes: tf.NamedAttrMap): AttentionAttributes {
  return { scale: Number(attributes["scale"]), causal: attributes["causal"] === true };
}

/** In place of a gradient by the mask. */
export function refuseMaskGradient(): never {
  throw new Error(
    "Cannot differentiate attention by its mask: compose it of tf.matMul and tf.softmax instead",
  );
}

tf.registerGradient({
  kernelName: "SeedbedAttention",
  inputsToSave: ["q", "k", "v", "mask"],
  outputsToSave: [true, true],
  gradFunc: (dy, [q, k, v, mask, out, probabilities], attributes) => {
    const [dq, dk, dv] = attentionGradient(
      firstGradient(dy),
      { q: q!, k: k!, v: v!, mask: mask!, out: out!, probabilities: probabilities! },
      attentionAttributes(attributes),
    );
    return { q: () => dq, k: () => dk, v: () => dv, mask: refuseMaskGradient };
  },
});
