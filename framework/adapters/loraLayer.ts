import * as tf from "@tensorflow/tfjs";

import { layerKind, type LayerWrapper } from "../nn/layerWrappers.ts";
import * as ops from "../nn/ops/index.ts";

/** The two factors of a change of a layer's weight: `alpha / rank * up x down`. */
export interface LoraFactors<Factor> {
  /** `[rank, inputs]`, or `[rank, inputs, height, width]` of a convolution. */
  readonly down: Factor;
  /** `[outputs, rank]`, or `[outputs, rank, 1, 1]` of a convolution. */
  readonly up: Factor;
  readonly alpha: number;
}

/** Shapes of the factors for a layer's weight. */
export interface LoraShapes {
  readonly down: readonly number[];
  readonly up: readonly number[];
}

/** @throws {RangeError} naming a layer that LoRA does not fit */
export function loraShapes(name: string, weight: tf.Variable, rank: number): LoraShapes {
  const kind = layerKind(weight);
  if (kind !== "linear" && kind !== "conv2d") {
    throw new RangeError(
      `Cannot add LoRA to "${name}": expected a linear layer or a convolution, got ${kind ?? "neither"}`,
    );
  }
  const [outputs = 0, ...inputs] = weight.shape;
  return {
    down: [rank, ...inputs],
    up: [outputs, rank, ...inputs.slice(1).map(() => 1)],
  };
}

/**
 * Adds what the factors make of a layer's input to its result.
 *
 * Source: Hu et al. 2021, arXiv:2106.09685, eq. 3 and section 4.1.
 *
 * @param scale of all layers, beside `alpha / rank`
 */
export function loraWrapper(
  { down, up, alpha }: LoraFactors<tf.Variable>,
  scale: tf.Variable,
): LayerWrapper {
  const [rank = 1] = down.shape;
  return (x, layer) => {
    const inner = layer.withWeight(x, down).mul(scale.mul(alpha / rank));
    return layer.own(x).add(raised(inner, up));
  };
}

/** From the rank to the layer's outputs, for tokens or pixels. */
function raised(inner: tf.Tensor, up: tf.Variable): tf.Tensor {
  if (up.rank === 4) return ops.conv2d(inner, up);
  const [outputs = 1, rank = 1] = up.shape;
  const y = tf.matMul(inner.reshape([-1, rank]), up, false, true);
  return y.reshape([...inner.shape.slice(0, -1), outputs]);
}

/** The change of the weight that the factors stand for, in its shape. */
export function loraDelta({ down, up, alpha }: LoraFactors<tf.Tensor>): tf.Tensor {
  const [rank = 1, ...inputs] = down.shape;
  const [outputs = 1] = up.shape;
  return tf.tidy(() =>
    tf
      .matMul(up.reshape([outputs, rank]), down.reshape([rank, -1]))
      .mul(alpha / rank)
      .reshape([outputs, ...inputs]),
  );
}
