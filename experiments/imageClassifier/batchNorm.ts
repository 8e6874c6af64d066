import * as tf from "@tensorflow/tfjs";
import type { ParameterScope } from "seedbed";

/** Share of the moving statistics that a step keeps. */
const momentum = 0.95;
const epsilon = 1e-5;

/** Maps `[batch, channels, height, width]` to the same shape, differently in training. */
export type BatchNorm = (x: tf.Tensor, training: boolean) => tf.Tensor;

/**
 * Normalises each channel over the batch; in evaluation by what training has seen on average.
 *
 * Parameters: `weight` and `bias`, `[channels]`.
 *
 * Source: Ioffe & Szegedy 2015, arXiv:1502.03167, algorithms 1 and 2.
 *
 * @param statistics receives the moving mean and variance, which no gradient trains
 */
export function batchNorm(
  scope: ParameterScope,
  channels: number,
  statistics: Map<string, tf.Variable>,
): BatchNorm {
  const scale = scope.parameter("weight", [channels], (_, size) => new Float32Array(size).fill(1));
  const offset = scope.parameter("bias", [channels], (_, size) => new Float32Array(size));
  const moving = {
    mean: tf.tidy(() => tf.variable(tf.zeros([channels]), false)),
    variance: tf.tidy(() => tf.variable(tf.ones([channels]), false)),
  };
  statistics.set(scope.pathOf("moving_mean"), moving.mean);
  statistics.set(scope.pathOf("moving_variance"), moving.variance);
  const perChannel = (x: tf.Tensor): tf.Tensor => x.reshape([channels, 1, 1]);
  return (x, training) => {
    const { mean, variance } = training ? tf.moments(x, [0, 2, 3]) : moving;
    if (training) {
      moving.mean.assign(moving.mean.mul(momentum).add(mean.mul(1 - momentum)));
      moving.variance.assign(moving.variance.mul(momentum).add(variance.mul(1 - momentum)));
    }
    const factor = scale.mul(variance.add(epsilon).rsqrt());
    return x.sub(perChannel(mean)).mul(perChannel(factor)).add(perChannel(offset));
  };
}
