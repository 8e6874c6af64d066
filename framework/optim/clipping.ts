import * as tf from "@tensorflow/tfjs";

/** `norm` scales all gradients together, `value` cuts each element. */
export type ClipAlgorithm = "norm" | "value";

/** Keeps the division of norm clipping finite, as PyTorch does. */
const normEpsilon = 1e-6;

/** Gradients and the factor the optimizer must still put on them; undefined is 1. */
export interface ClippedGradients {
  readonly gradients: ReadonlyMap<string, tf.Tensor>;
  readonly scale: tf.Scalar | undefined;
  /** 2-norm of all gradients together, scaled, before clipping. */
  readonly norm: tf.Scalar;
}

/**
 * 2-norm of all tensors as one vector; 0 of none.
 *
 * The newest tensor is squared first, whatever the order in which all are added up: ONNX Runtime
 * computes the operands of a sum from the one that was recorded last, so gradients are computed in
 * the order in which backpropagation comes to them, and what they are made of is free at once.
 */
export function globalNorm(tensors: Iterable<tf.Tensor>): tf.Scalar {
  return tf.tidy(() => {
    const all = [...tensors];
    if (all.length === 0) return tf.scalar(0);
    const squares = new Map<tf.Tensor, tf.Tensor>();
    for (const tensor of all.toSorted((a, b) => b.id - a.id)) {
      squares.set(tensor, tensor.square().sum());
    }
    return tf
      .addN(all.map((tensor) => squares.get(tensor)!))
      .sqrt()
      .asScalar();
  });
}

/**
 * Clips the gradients `scale * gradients` inside a compiled step. Norm clipping only changes the
 * scale, so no gradient is copied.
 *
 * Source: Pascanu et al. 2013, arXiv:1211.5063, Algorithm 1.
 *
 * @param scale factor on the gradients, such as 1 / (accumulated batches); undefined is 1
 * @param limit largest norm or absolute value; undefined or <= 0 does not clip
 */
export function clipGradients(
  gradients: ReadonlyMap<string, tf.Tensor>,
  scale: tf.Scalar | undefined,
  limit: number | undefined,
  algorithm: ClipAlgorithm,
): ClippedGradients {
  const unscaled = globalNorm(gradients.values());
  const norm = scale ? unscaled.mul<tf.Scalar>(scale) : unscaled;
  if (limit === undefined || limit <= 0) return { gradients, scale, norm };
  switch (algorithm) {
    case "norm": {
      const factor = tf.minimum<tf.Scalar>(tf.scalar(limit).div(norm.add(normEpsilon)), 1);
      return { gradients, scale: scale ? scale.mul(factor) : factor, norm };
    }
    case "value":
      return { gradients: clipValues(gradients, scale, limit), scale: undefined, norm };
    default:
      return algorithm satisfies never;
  }
}

function clipValues(
  gradients: ReadonlyMap<string, tf.Tensor>,
  scale: tf.Scalar | undefined,
  limit: number,
): ReadonlyMap<string, tf.Tensor> {
  return new Map(
    [...gradients].map(([name, gradient]) => [
      name,
      (scale ? gradient.mul(scale) : gradient).clipByValue(-limit, limit),
    ]),
  );
}
