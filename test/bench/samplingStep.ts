import * as tf from "@tensorflow/tfjs";

import { toTensor, type HostBatch, type HostTensor } from "../../framework/base/hostTensor.ts";
import { createSampler } from "../../framework/diffusion/samplers/createSampler.ts";
import { stableDiffusionSchedule } from "../../framework/diffusion/schedulerConfig.ts";
import type { Unet } from "../../framework/models/unet.ts";
import { takeMeanSquare } from "./takeMeanSquare.ts";
import type { PrepareOptions, PreparedWorkload } from "./workload.ts";
import { writeModel } from "./writeModel.ts";

const guidanceScale = 7.5;
/** Of a run, which are measured together. */
const steps = 4;

/** A network with what its sampler starts from, known to both sides. */
export interface SamplingProblem {
  /** Builds the network on PyTorch's side. */
  config: object;
  unet: Unet;
  inputs: {
    latents: HostTensor;
    /** `[batch, tokens, features]` */
    conditional: HostTensor;
    /** `[1, tokens, features]` */
    unconditional: HostTensor;
  };
}

/** The pipeline's own steps: both predictions in one pass, guidance, and DDIM's update. */
export function samplingStep(
  { config, unet, inputs }: SamplingProblem,
  { compile }: PrepareOptions,
): PreparedWorkload {
  const schedule = stableDiffusionSchedule;
  const sampler = createSampler({
    compile,
    predict: (latents, timesteps, context) => unet.forward(latents, timesteps, context),
    config: schedule,
  });
  const conditional = toTensor(inputs.conditional).as3D(...rank3(inputs.conditional));
  const unconditional = toTensor(inputs.unconditional).as3D(...rank3(inputs.unconditional));
  const { latents } = inputs;
  const run = async (): Promise<number> => {
    const request = { latents, conditional, unconditional, guidanceScale, steps };
    return await takeMeanSquare(await sampler.sample(request));
  };
  const tensors: HostBatch = { ...inputs };
  return {
    run,
    repeats: steps,
    dispose() {
      sampler.dispose();
      tf.dispose([conditional, unconditional]);
    },
    handOver: (folder) => ({
      command: "sampling",
      config,
      schedule,
      steps,
      guidanceScale,
      ...writeModel(folder, unet.parameters, tensors),
    }),
  };
}

function rank3({ shape: [a = 1, b = 1, c = 1] }: HostTensor): [number, number, number] {
  return [a, b, c];
}
