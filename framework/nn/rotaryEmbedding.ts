import * as tf from "@tensorflow/tfjs";

import { ropeFrequencies, type RopeConfig } from "./rope/index.ts";

/** Cosines and sines of the angles that features are turned by; broadcast over heads. */
export interface Rotation {
  /** `[tokens, head_dim / 2]` or `[batch, 1, tokens, head_dim / 2]` */
  readonly cos: tf.Tensor;
  readonly sin: tf.Tensor;
}

/** Values of a {@link Rotation} on the host, each `[tokens, head_dim / 2]`. */
export interface RotationValues {
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/**
 * Cosines and sines for consecutive positions. Frequencies and angles are rounded to float32 first,
 * as transformers has them: far into a long text that changes the angles.
 *
 * @param first position of the first token
 */
export function rotationValues(config: RopeConfig, first: number, tokens: number): RotationValues {
  const { inverse, attentionFactor } = ropeFrequencies(config, first + tokens);
  const frequencies = Float32Array.from(inverse);
  const pairs = frequencies.length;
  const angles = Float32Array.from(
    { length: tokens * pairs },
    (_, i) => (first + Math.floor(i / pairs)) * frequencies[i % pairs]!,
  );
  return {
    cos: angles.map((angle) => attentionFactor * Math.cos(angle)),
    sin: angles.map((angle) => attentionFactor * Math.sin(angle)),
  };
}

/** {@link rotationValues} as tensors. */
export function rotationFrom(config: RopeConfig, first: number, tokens: number): Rotation {
  const { cos, sin } = rotationValues(config, first, tokens);
  const shape: [number, number] = [tokens, config.head_dim / 2];
  return { cos: tf.tensor2d(cos, shape), sin: tf.tensor2d(sin, shape) };
}

/**
 * The rotation for given positions.
 *
 * @param positions int32 `[batch, tokens]`
 * @param length of the whole text, on which "dynamic" frequencies depend
 */
export function rotationAt(config: RopeConfig, positions: tf.Tensor, length: number): Rotation {
  const { inverse, attentionFactor } = ropeFrequencies(config, length);
  const [batch = 1, tokens = 1] = positions.shape;
  const angles = positions
    .toFloat()
    .reshape([batch, 1, tokens, 1])
    .mul(tf.tensor1d(Float32Array.from(inverse)));
  return { cos: angles.cos().mul(attentionFactor), sin: angles.sin().mul(attentionFactor) };
}

/**
 * Turns each pair of features `(i, i + features / 2)` by the angle of its position.
 *
 * Source: Su et al. 2021, arXiv:2104.09864, eq. 34, with the pairs as GPT-NeoX and Llama have them.
 *
 * @param x `[batch, heads, tokens, features]`
 * @returns the same shape; no gradient flows to the angles
 */
export function rotate(x: tf.Tensor, { cos, sin }: Rotation): tf.Tensor {
  const turn = tf.customGrad((...inputsAndSave) => {
    const save = inputsAndSave.at(-1);
    if (typeof save === "function") save([cos, sin]);
    return {
      value: turned(x, cos, sin),
      // The transpose of a rotation turns back.
      gradFunc: (dy, [savedCos, savedSin]) =>
        rotate(dy, { cos: savedCos!, sin: tf.neg(savedSin!) }),
    };
  });
  return turn(x);
}

function turned(x: tf.Tensor, cos: tf.Tensor, sin: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const [left, right] = tf.split(x, 2, -1);
    return tf.concat(
      [left!.mul(cos).sub(right!.mul(sin)), right!.mul(cos).add(left!.mul(sin))],
      -1,
    );
  });
}
