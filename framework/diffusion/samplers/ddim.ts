import * as tf from "@tensorflow/tfjs";

import type { HostTensor } from "../../base/hostTensor.ts";
import { describeShape, sameShape } from "../../base/shape.ts";
import { classifierFreeGuidance } from "../guidance.ts";
import { alphaAt, createNoiseSchedule, type NoiseSchedule } from "../noiseSchedule.ts";
import { predictionFactors } from "../predictions.ts";
import type { SchedulerConfig } from "../schedulerConfig.ts";
import { timestepTable } from "../timestepTable.ts";
import type { Predict, SampleRequest, Sampler, SamplerOptions } from "./sampler.ts";

/** A request to DDIM, which may be stochastic. */
export interface DdimRequest extends SampleRequest {
  /** 0 is deterministic, 1 has the variance of ancestral sampling. */
  eta?: number;
  /** Standard normal noise in the shape of the latents for the step of this index; for eta > 0. */
  stepNoise?: (step: number) => HostTensor;
}

/** One step, as a linear combination of the latents, the network's output and fresh noise. */
export interface DdimStep {
  readonly timestep: number;
  /**
   * Factors of: latents and prediction in the clean sample, latents and prediction in the noise,
   * then clean sample, noise and fresh noise in the next latents.
   */
  readonly factors: readonly [number, number, number, number, number, number, number];
}

/** Inputs of the recorded step; guidance and fresh noise are part of it only where given. */
type StepInputs = {
  latents: tf.Tensor4D;
  /** One per row of the network's batch. */
  timesteps: tf.Tensor1D;
  /** As `DdimStep.factors`. */
  factors: tf.Tensor1D;
  conditional: tf.Tensor3D;
  unconditional?: tf.Tensor3D;
  guidanceScale?: tf.Scalar;
  noise?: tf.Tensor4D;
};

/**
 * Every step of a run, from the noisiest.
 *
 * Source: Song, Meng & Ermon 2020, arXiv:2010.02502, eq. 12 and 16.
 */
export function ddimSteps(
  config: SchedulerConfig,
  schedule: NoiseSchedule,
  steps: number,
  eta = 0,
): DdimStep[] {
  const trainTimesteps = config.num_train_timesteps;
  const stride = Math.floor(trainTimesteps / steps);
  const table = timestepTable({
    steps,
    trainTimesteps,
    spacing: config.timestep_spacing,
    offset: config.steps_offset,
  });
  const finalAlpha = config.set_alpha_to_one ? 1 : alphaAt(schedule, 0);
  return Array.from(table, (timestep) => {
    const alpha = alphaAt(schedule, timestep);
    const next = timestep - stride;
    const nextAlpha = next >= 0 ? alphaAt(schedule, next) : finalAlpha;
    const deviation = eta * ancestralDeviation(alpha, nextAlpha);
    const { sampleFromNoisy, sampleFromPrediction, noiseFromNoisy, noiseFromPrediction } =
      predictionFactors(config.prediction_type, {
        signalScale: Math.sqrt(alpha),
        noiseScale: Math.sqrt(1 - alpha),
      });
    return {
      timestep,
      factors: [
        sampleFromNoisy,
        sampleFromPrediction,
        noiseFromNoisy,
        noiseFromPrediction,
        Math.sqrt(nextAlpha),
        Math.sqrt(Math.max(1 - nextAlpha - deviation ** 2, 0)),
        deviation,
      ],
    };
  });
}

function ancestralDeviation(alpha: number, nextAlpha: number): number {
  return Math.sqrt(((1 - nextAlpha) / (1 - alpha)) * (1 - alpha / nextAlpha));
}

/** A DDIM sampler for one network. */
export function createDdimSampler({
  compile,
  predict,
  config,
}: SamplerOptions): Sampler<DdimRequest> {
  const schedule = createNoiseSchedule(config);
  const step = compile((inputs: StepInputs) => ({
    latents: nextLatents(inputs, predictGuided(predict, inputs), config),
  }));

  return {
    async sample(request) {
      const { latents, steps, eta = 0, onStep, signal } = request;
      const [batch, channels, height, width] = checkRequest(request);
      let current = tf.tensor4d(latents.values, [batch, channels, height, width], "float32");
      try {
        for (const [index, ddimStep] of ddimSteps(config, schedule, steps, eta).entries()) {
          signal?.throwIfAborted();
          const previous = current;
          const made = stepInputs(request, index, ddimStep);
          try {
            ({ latents: current } = await step({
              latents: previous,
              ...contexts(request),
              ...made,
            }));
          } finally {
            tf.dispose(made);
          }
          previous.dispose();
          onStep?.({ done: index + 1, steps, timestep: ddimStep.timestep });
        }
      } catch (error) {
        current.dispose();
        throw error;
      }
      return current;
    },
    dispose() {
      step.dispose();
    },
  };
}

/** One batched pass of the network, guided where an unconditional context is given. */
function predictGuided(predict: Predict, inputs: StepInputs): tf.Tensor4D {
  const { latents, timesteps, conditional, unconditional, guidanceScale } = inputs;
  if (unconditional === undefined || guidanceScale === undefined) {
    return predict(latents, timesteps, conditional);
  }
  const repeats = conditional.shape[0] / unconditional.shape[0];
  const context = tf.concat3d([unconditional.tile<tf.Tensor3D>([repeats, 1, 1]), conditional], 0);
  return classifierFreeGuidance(
    predict(tf.concat([latents, latents]), timesteps, context),
    guidanceScale,
  );
}

function nextLatents(
  { latents, factors, noise: fresh }: StepInputs,
  prediction: tf.Tensor4D,
  { clip_sample: clip, clip_sample_range: range }: SchedulerConfig,
): tf.Tensor4D {
  const factor = (index: number): tf.Tensor1D => factors.slice([index], [1]);
  const predicted = latents.mul(factor(0)).add<tf.Tensor4D>(prediction.mul(factor(1)));
  const noise = latents.mul(factor(2)).add<tf.Tensor4D>(prediction.mul(factor(3)));
  const sample = clip ? predicted.clipByValue(-range, range) : predicted;
  const next = sample.mul(factor(4)).add<tf.Tensor4D>(noise.mul(factor(5)));
  return fresh === undefined ? next : next.add(fresh.mul(factor(6)));
}

/** The contexts that the network needs for a request; they belong to the caller. */
function contexts({
  conditional,
  unconditional,
  guidanceScale = 1,
}: DdimRequest): Pick<StepInputs, "conditional" | "unconditional"> {
  const guided = guidanceScale !== 1 && unconditional !== undefined;
  return guided ? { conditional, unconditional } : { conditional };
}

/** Inputs made for one step; the sampler disposes them. */
function stepInputs(
  { latents, guidanceScale = 1, eta = 0, stepNoise }: DdimRequest,
  index: number,
  { timestep, factors }: DdimStep,
): Pick<StepInputs, "timesteps" | "factors" | "guidanceScale" | "noise"> {
  const guided = guidanceScale !== 1;
  const rows = (latents.shape[0] ?? 0) * (guided ? 2 : 1);
  const fresh = eta > 0 ? stepNoise?.(index) : undefined;
  if (fresh !== undefined && !sameShape(fresh.shape, latents.shape)) {
    throw new RangeError(
      `Cannot sample: fresh noise must have the shape of the latents, ${describeShape(latents.shape)}, got ${describeShape(fresh.shape)}`,
    );
  }
  return {
    timesteps: tf.tensor1d(new Int32Array(rows).fill(timestep), "int32"),
    factors: tf.tensor1d([...factors], "float32"),
    ...(guided ? { guidanceScale: tf.scalar(guidanceScale, "float32") } : {}),
    ...(fresh ? { noise: tf.tensor4d(fresh.values, latentsShape(fresh.shape), "float32") } : {}),
  };
}

/** @returns the shape of the latents */
function checkRequest({
  latents,
  conditional,
  unconditional,
  guidanceScale = 1,
  eta = 0,
  stepNoise,
}: DdimRequest): LatentsShape {
  const shape = latentsShape(latents.shape);
  if (conditional.shape[0] !== shape[0]) {
    throw new RangeError(
      `Cannot sample: expected ${shape[0]} rows of context, one per image, got ${conditional.shape[0]}`,
    );
  }
  if (guidanceScale !== 1 && unconditional === undefined) {
    throw new RangeError(
      `Cannot sample: guidanceScale ${guidanceScale} needs the context of the empty prompt`,
    );
  }
  if (unconditional !== undefined) checkUnconditional(conditional, unconditional);
  if (eta > 0 && stepNoise === undefined) {
    throw new RangeError(`Cannot sample: eta ${eta} needs stepNoise`);
  }
  return shape;
}

function checkUnconditional(conditional: tf.Tensor3D, unconditional: tf.Tensor3D): void {
  const [batch, ...context] = conditional.shape;
  const [rows, ...rest] = unconditional.shape;
  if ((rows === 1 || rows === batch) && sameShape(context, rest)) return;
  throw new RangeError(
    `Cannot sample: unconditional context must have shape ${describeShape(conditional.shape)}, or one row of it, got ${describeShape(unconditional.shape)}`,
  );
}

type LatentsShape = [batch: number, channels: number, height: number, width: number];

function latentsShape(shape: readonly number[]): LatentsShape {
  const [batch, channels, height, width, ...more] = shape;
  if (batch && channels && height && width && more.length === 0) {
    return [batch, channels, height, width];
  }
  throw new RangeError(
    `Cannot sample: latents must have shape [batch, channels, height, width], got ${describeShape(shape)}`,
  );
}
