import * as tf from "@tensorflow/tfjs";

import { dynamicThreshold } from "../dynamicThreshold.ts";
import { addNoise } from "../forwardProcess.ts";
import { classifierFreeGuidance, rescaleGuidance } from "../guidance.ts";
import type { SchedulerConfig } from "../schedulerConfig.ts";
import type { Predict } from "./sampler.ts";

/** Inputs of the recorded step; those that may be absent are part of it only where given. */
export type StepInputs = {
  /** The latents, then the sampler's memory: `[1 + memories, batch, channels, height, width]`. */
  state: tf.Tensor5D;
  /** One per row of the network's batch. */
  timesteps: tf.Tensor1D;
  /** Scale of the network's input; factors of latents and prediction in the clean sample. */
  factors: tf.Tensor1D;
  /** Rows of the next state, by terms: state, prediction, sample and, where given, fresh noise. */
  next: tf.Tensor2D;
  conditional: tf.Tensor3D;
  unconditional?: tf.Tensor3D;
  guidanceScale?: tf.Scalar;
  guidanceRescale?: tf.Scalar;
  fresh?: tf.Tensor4D;
  extraChannels?: tf.Tensor4D;
  /** What stays where the mask is 0, how it is noised after the step, and the mask. */
  image?: tf.Tensor4D;
  imageNoise?: tf.Tensor4D;
  imageLevel?: tf.Tensor1D;
  mask?: tf.Tensor4D;
};

export type StepOutputs = {
  /** As in the inputs. */
  state: tf.Tensor5D;
  /** The clean sample that the prediction stands for, `[batch, channels, height, width]`. */
  sample: tf.Tensor4D;
};

/** One call of the network and what the sampler makes of it. Pure TF.js. */
export function samplerStep(
  predict: Predict,
  config: SchedulerConfig,
  inputs: StepInputs,
): StepOutputs {
  const { state, factors, next, fresh } = inputs;
  const [rows, ...shape] = state.shape;
  const factor = (index: number): tf.Tensor1D => factors.slice([index], [1]);
  const latents = state.slice([0, 0, 0, 0, 0], [1, ...shape]).reshape<tf.Tensor4D>(shape);
  const prediction = predictGuided(predict, latents.mul(factor(0)), inputs);
  const sample = cutSample(
    config,
    latents.mul(factor(1)).add<tf.Tensor4D>(prediction.mul(factor(2))),
  );
  const known = [prediction, sample, ...(fresh ? [fresh] : [])];
  const terms = tf.concat([
    state.reshape([rows, -1]),
    ...known.map((term) => term.reshape([1, -1])),
  ]);
  const combined = tf.matMul(next, terms).reshape<tf.Tensor5D>([rows, ...shape]);
  return { state: keepImage(combined, inputs), sample };
}

/** One batched pass of the network, guided where an unconditional context is given. */
function predictGuided(predict: Predict, latents: tf.Tensor4D, inputs: StepInputs): tf.Tensor4D {
  const { timesteps, conditional, unconditional, guidanceScale, guidanceRescale } = inputs;
  const { extraChannels } = inputs;
  const seen = extraChannels ? tf.concat4d([latents, extraChannels], 1) : latents;
  if (unconditional === undefined || guidanceScale === undefined) {
    return predict(seen, timesteps, conditional);
  }
  const repeats = conditional.shape[0] / unconditional.shape[0];
  const context = tf.concat3d([unconditional.tile<tf.Tensor3D>([repeats, 1, 1]), conditional], 0);
  const both = predict(tf.concat([seen, seen]), timesteps, context);
  const guided = classifierFreeGuidance(both, guidanceScale);
  return guidanceRescale === undefined ? guided : rescaleGuidance(guided, both, guidanceRescale);
}

function cutSample(config: SchedulerConfig, sample: tf.Tensor4D): tf.Tensor4D {
  const { clip_sample: clip, clip_sample_range: range } = config;
  if (config.thresholding === true) {
    const { dynamic_thresholding_ratio: ratio = 0.995, sample_max_value: most = 1 } = config;
    return dynamicThreshold(sample, { ratio, most });
  }
  return clip ? tf.clipByValue(sample, -range, range) : sample;
}

/** Where the mask is 0, the next latents are the image, as noisy as they are. */
function keepImage(
  state: tf.Tensor5D,
  { image, imageNoise, imageLevel, mask }: StepInputs,
): tf.Tensor5D {
  if (!image || !imageNoise || !imageLevel || !mask) return state;
  const [rows, ...shape] = state.shape;
  const latents = state.slice([0, 0, 0, 0, 0], [1, ...shape]).reshape(shape);
  const [signalScale, noiseScale] = [imageLevel.slice([0], [1]), imageLevel.slice([1], [1])];
  const kept = addNoise(image, imageNoise, { signalScale, noiseScale });
  const mixed = kept.add(latents.sub(kept).mul(mask)).reshape<tf.Tensor5D>([1, ...shape]);
  if (rows === 1) return mixed;
  return tf.concat([mixed, state.slice([1, 0, 0, 0, 0], [rows - 1, ...shape])]);
}
