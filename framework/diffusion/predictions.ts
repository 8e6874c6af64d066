import * as tf from "@tensorflow/tfjs";

import { velocity, type NoiseLevel } from "./forwardProcess.ts";
import type { PredictionType } from "./schedulerConfig.ts";

/**
 * Factors that give the clean sample and the noise from what is known:
 * `sample = sampleFromNoisy * noisy + sampleFromPrediction * prediction`, and so for the noise.
 */
export interface PredictionFactors {
  readonly sampleFromNoisy: number;
  readonly sampleFromPrediction: number;
  readonly noiseFromNoisy: number;
  readonly noiseFromPrediction: number;
}

/**
 * Solves `noisy = signal * sample + noise` for a prediction of each type.
 *
 * Source: Salimans & Ho 2022, arXiv:2202.00512, appendix D.
 */
export function predictionFactors(
  type: PredictionType,
  { signalScale: signal, noiseScale: noise }: NoiseLevel<number>,
): PredictionFactors {
  switch (type) {
    case "epsilon":
      return {
        sampleFromNoisy: 1 / signal,
        sampleFromPrediction: -noise / signal,
        noiseFromNoisy: 0,
        noiseFromPrediction: 1,
      };
    case "sample":
      return {
        sampleFromNoisy: 0,
        sampleFromPrediction: 1,
        noiseFromNoisy: 1 / noise,
        noiseFromPrediction: -signal / noise,
      };
    case "v_prediction":
      return {
        sampleFromNoisy: signal,
        sampleFromPrediction: -noise,
        noiseFromNoisy: noise,
        noiseFromPrediction: signal,
      };
    default:
      throw new RangeError(`Cannot convert prediction type ${String(type satisfies never)}`);
  }
}

/** What the network is trained to give for a noisy sample. The caller disposes. */
export function predictionTarget(
  type: PredictionType,
  sample: tf.Tensor,
  noise: tf.Tensor,
  level: NoiseLevel<tf.Tensor>,
): tf.Tensor {
  switch (type) {
    case "epsilon":
      return noise.clone();
    case "sample":
      return sample.clone();
    case "v_prediction":
      return velocity(sample, noise, level);
    default:
      throw new RangeError(`Cannot train prediction type ${String(type satisfies never)}`);
  }
}

/** The clean sample that a prediction stands for. */
export function predictedSample(
  type: PredictionType,
  prediction: tf.Tensor,
  noisy: tf.Tensor,
  { signalScale, noiseScale }: NoiseLevel<tf.Tensor>,
): tf.Tensor {
  return tf.tidy(() => {
    switch (type) {
      case "epsilon":
        return noisy.sub(prediction.mul(noiseScale)).div(signalScale);
      case "sample":
        return prediction.clone();
      case "v_prediction":
        return noisy.mul(signalScale).sub(prediction.mul(noiseScale));
      default:
        throw new RangeError(`Cannot convert prediction type ${String(type satisfies never)}`);
    }
  });
}

/** The noise that a prediction stands for. */
export function predictedNoise(
  type: PredictionType,
  prediction: tf.Tensor,
  noisy: tf.Tensor,
  { signalScale, noiseScale }: NoiseLevel<tf.Tensor>,
): tf.Tensor {
  return tf.tidy(() => {
    switch (type) {
      case "epsilon":
        return prediction.clone();
      case "sample":
        return noisy.sub(prediction.mul(signalScale)).div(noiseScale);
      case "v_prediction":
        return noisy.mul(noiseScale).add(prediction.mul(signalScale));
      default:
        throw new RangeError(`Cannot convert prediction type ${String(type satisfies never)}`);
    }
  });
}

/** The velocity that a prediction stands for. */
export function predictedVelocity(
  type: PredictionType,
  prediction: tf.Tensor,
  noisy: tf.Tensor,
  level: NoiseLevel<tf.Tensor>,
): tf.Tensor {
  if (type === "v_prediction") return prediction.clone();
  return tf.tidy(() =>
    velocity(
      predictedSample(type, prediction, noisy, level),
      predictedNoise(type, prediction, noisy, level),
      level,
    ),
  );
}
