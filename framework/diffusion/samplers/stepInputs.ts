import * as tf from "@tensorflow/tfjs";

import type { HostTensor } from "../../base/hostTensor.ts";
import type { NoiseLevel } from "../forwardProcess.ts";
import type { SchedulerConfig } from "../schedulerConfig.ts";
import { isStochastic } from "./planSampling.ts";
import type { SampleRequest } from "./sampler.ts";
import { latentsLevel, pointFactors, type SamplerPlan } from "./samplerPlan.ts";
import { checkShape, latentsShape } from "./samplerRequest.ts";
import type { StepInputs } from "./samplerStep.ts";

/** One request on its way. */
export interface SamplerRun {
  config: SchedulerConfig;
  request: SampleRequest;
  plan: SamplerPlan;
}

const noNoise: NoiseLevel<number> = { signalScale: 1, noiseScale: 0 };

/** The latents that a run begins with, and an empty memory. The caller disposes. */
export function startState({
  request: { latents, image },
  plan: { calls, memories, startScale },
}: SamplerRun): tf.Tensor5D {
  const shape = latentsShape(latents.shape);
  const values = new Float32Array((1 + memories) * latents.values.length);
  const level = image ? latentsLevel(calls[0]!) : { signalScale: 0, noiseScale: startScale };
  latents.values.forEach((noise, i) => {
    const clean = image?.latents.values[i] ?? 0;
    values[i] = level.signalScale * clean + level.noiseScale * noise;
  });
  return tf.tensor5d(values, [1 + memories, ...shape], "float32");
}

/** The latents of a state. The caller disposes. */
export function resultOf(state: tf.Tensor5D): tf.Tensor4D {
  const [, ...shape] = state.shape;
  return tf.tidy(() => state.slice([0, 0, 0, 0, 0], [1, ...shape]).reshape<tf.Tensor4D>(shape));
}

/** Inputs that are the same in every call of a run. The caller disposes. */
export function runInputs({
  request: { latents, image, extraChannels },
}: SamplerRun): Pick<StepInputs, RunInput> {
  return {
    ...(extraChannels ? { extraChannels: asTensor4d(extraChannels) } : {}),
    ...(image?.mask
      ? {
          image: asTensor4d(image.latents),
          imageNoise: asTensor4d(latents),
          mask: asTensor4d(image.mask),
        }
      : {}),
  };
}

type RunInput = "image" | "imageNoise" | "mask" | "extraChannels";

/** Inputs of one call, besides the state and those of the run. The caller disposes. */
export function callInputs(
  { config, request, plan }: SamplerRun,
  index: number,
): Omit<StepInputs, "state" | "conditional" | "unconditional" | RunInput> {
  const { latents, guidanceScale = 1, guidanceRescale = 0, image } = request;
  const call = plan.calls[index]!;
  const { sample } = pointFactors(config.prediction_type, call);
  const after = plan.calls[index + 1];
  const guided = guidanceScale !== 1;
  const rows = latentsShape(latents.shape)[0] * (guided ? 2 : 1);
  const noise = isStochastic(plan) ? request.stepNoise?.(index) : undefined;
  if (noise !== undefined) checkShape("fresh noise", noise, latentsShape(latents.shape));
  const next = noise ? call.next : call.next.map((row) => row.slice(0, -1));
  return {
    timesteps: tf.tensor1d(new Float32Array(rows).fill(call.timestep), "float32"),
    factors: tf.tensor1d([call.inputScale, ...sample], "float32"),
    next: tf.tensor2d(
      next.map((row) => [...row]),
      [next.length, next[0]!.length],
      "float32",
    ),
    ...(guided ? { guidanceScale: tf.scalar(guidanceScale, "float32") } : {}),
    ...(guided && guidanceRescale > 0
      ? { guidanceRescale: tf.scalar(guidanceRescale, "float32") }
      : {}),
    ...(noise ? { fresh: asTensor4d(noise) } : {}),
    ...(image?.mask ? { imageLevel: levelTensor(after ? latentsLevel(after) : noNoise) } : {}),
  };
}

function levelTensor({ signalScale, noiseScale }: NoiseLevel<number>): tf.Tensor1D {
  return tf.tensor1d([signalScale, noiseScale], "float32");
}

function asTensor4d({ values, shape }: HostTensor): tf.Tensor4D {
  return tf.tensor4d(values, latentsShape(shape), "float32");
}
