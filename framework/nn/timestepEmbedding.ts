import * as tf from "@tensorflow/tfjs";

import { linear, type Layer } from "./layers.ts";
import { silu } from "./ops/index.ts";
import type { ParameterScope } from "./parameterScope.ts";

export interface SinusoidOptions {
  /** Cosines first, as Stable Diffusion has them. */
  flipSinToCos: boolean;
  /** Slows the frequencies' decay: 0 ends just above 1 / 10000, 1 at it. */
  freqShift: number;
}

/** Wavelengths run from 2 pi to 2 pi times this. */
const longestPeriod = 10_000;

/**
 * Sines and cosines of timesteps at `features / 2` frequencies, with a zero behind them if
 * `features` is odd.
 *
 * Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.5.
 *
 * @param timesteps `[batch]` or a scalar, any number type
 * @returns `[batch, features]`, a batch of 1 for a scalar
 */
export function sinusoids(
  timesteps: tf.Tensor,
  features: number,
  { flipSinToCos, freqShift }: SinusoidOptions,
): tf.Tensor2D {
  return tf.tidy(() => {
    const frequencies = tf.tensor2d(frequenciesOf(Math.floor(features / 2), freqShift), [
      1,
      Math.floor(features / 2),
    ]);
    const angles = timesteps.toFloat().reshape([-1, 1]).mul<tf.Tensor2D>(frequencies);
    const [sines, cosines] = [tf.sin(angles), tf.cos(angles)];
    const both = tf.concat2d(flipSinToCos ? [cosines, sines] : [sines, cosines], 1);
    return features % 2 === 0
      ? both
      : tf.pad2d(both, [
          [0, 0],
          [0, 1],
        ]);
  });
}

/** Rounded to float32 at every step, as published models were trained. */
function frequenciesOf(count: number, freqShift: number): Float32Array {
  const rate = Math.fround(-Math.log(longestPeriod));
  return Float32Array.from({ length: count }, (_, i) =>
    Math.exp(Math.fround(Math.fround(rate * i) / Math.fround(count - freqShift))),
  );
}

/**
 * Two layers that turn sinusoids into what residual blocks are told.
 *
 * Parameters: `linear_1`, `linear_2`.
 */
export function timeEmbedding(scope: ParameterScope, inputs: number, outputs: number): Layer {
  const linear1 = linear(scope.at("linear_1"), inputs, outputs);
  const linear2 = linear(scope.at("linear_2"), outputs, outputs);
  return (x) => linear2(silu(linear1(x)));
}
