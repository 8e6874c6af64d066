import * as tf from "@tensorflow/tfjs";

import { dreamboothLoss } from "../../../experiments/dreambooth/dreamboothLoss.ts";
import { diffusionModule } from "../../../experiments/textToImage/diffusionModule.ts";
import { useBackend } from "../../../framework/backend/register.ts";
import { hostTensor, toTensors, type HostBatch } from "../../../framework/base/hostTensor.ts";
import { createDenoising } from "../../../framework/diffusion/denoising.ts";
import { noiseLevels } from "../../../framework/diffusion/forwardProcess.ts";
import { createNoiseSchedule } from "../../../framework/diffusion/noiseSchedule.ts";
import {
  readSchedulerConfig,
  type SchedulerConfig,
} from "../../../framework/diffusion/schedulerConfig.ts";
import { minSnrWeights } from "../../../framework/diffusion/signalToNoise.ts";
import { adamW } from "../../../framework/optim/optimizers/adamW.ts";
import { loadPipeline } from "../../../framework/pipelines/loadPipeline.ts";
import {
  disposePipeline,
  type PipelineComponents,
} from "../../../framework/pipelines/pipelineComponents.ts";
import { lossGradients } from "../../../framework/training/gradients.ts";
import type { StepContext } from "../../../framework/training/stepContext.ts";
import type { StepOutput, TrainingModule } from "../../../framework/training/trainingModule.ts";
import { updateSteps } from "../../support/updateSteps.ts";
import { rowOf, type FixtureSet } from "../fixtureSet.ts";
import type { TrainingVariant } from "./trainingVariant.ts";

/** What a training run reports of a step, under the reference's names. */
export type StepReport = Readonly<Record<"loss" | "instance" | "prior" | "grad_norm", number>>;

/** DreamBooth on the fixed batches of a set, by the experiment's own module. */
export interface TrainingRun {
  readonly module: TrainingModule;
  readonly components: PipelineComponents;
  /** Inputs of a step, from 0. */
  batch: (step: number) => HostBatch;
  /** Takes all steps. */
  train: () => Promise<StepReport[]>;
  dispose: () => void;
}

export async function trainingRun(set: FixtureSet, variant: TrainingVariant): Promise<TrainingRun> {
  const { compile } = await useBackend("ort", { threads: 2 });
  const components = loadPipeline(set.folder);
  const config = schedulerOf(set);
  const module = moduleOf(set, variant, components, config);
  const { gradientClipVal } = variant;
  const steps = updateSteps(module, { compile, gradientClipVal });
  const count = set.golden("train").host("timesteps").shape[0]!;
  const batch = (step: number): HostBatch => batchOf(set, step, config, variant);
  return {
    module,
    components,
    batch,
    async train() {
      const reports: StepReport[] = [];
      for (let step = 0; step < count; step++) reports.push(reportOf(await steps.run(batch(step))));
      return reports;
    },
    dispose() {
      steps.dispose();
      for (const { optimizer } of [module.configureOptimizers()].flat()) optimizer.dispose();
      disposePipeline(components);
    },
  };
}

function schedulerOf(set: FixtureSet): SchedulerConfig {
  const published = set.json("scheduler/scheduler_config.json");
  const { prediction_type } = set.manifest.train;
  return readSchedulerConfig({ ...published, prediction_type });
}

function moduleOf(
  set: FixtureSet,
  { trainsText, priorWeight, adamEpsilon }: TrainingVariant,
  { unet, textEncoder }: PipelineComponents,
  config: SchedulerConfig,
): TrainingModule {
  const { optimizer, prior_loss_weight, B_instance: subjects } = set.manifest.train;
  return diffusionModule({
    unet: unet.model,
    textEncoder: textEncoder.model,
    denoising: createDenoising({ config }),
    trains: { unet: true, textEncoder: trainsText },
    optimizerConfig: {
      optimizer: adamW({
        learningRate: optimizer.lr,
        betas: optimizer.betas,
        epsilon: adamEpsilon ?? optimizer.eps,
        weightDecay: optimizer.weight_decay,
      }),
    },
    combine: (losses) => dreamboothLoss(losses, subjects, priorWeight ?? prior_loss_weight),
  });
}

function batchOf(
  set: FixtureSet,
  step: number,
  config: SchedulerConfig,
  { minSnrGamma }: TrainingVariant,
): HostBatch {
  const golden = set.golden("train");
  const schedule = createNoiseSchedule(config);
  const timesteps = Int32Array.from(rowOf(golden.host("timesteps"), step).values);
  const weights = new Float32Array(timesteps.length).fill(1);
  if (minSnrGamma !== undefined) {
    const subjects = timesteps.subarray(0, set.manifest.train.B_instance);
    weights.set(minSnrWeights(schedule, subjects, config.prediction_type, minSnrGamma));
  }
  return {
    latents: golden.host("latents"),
    ids: golden.host("input_ids"),
    noise: rowOf(golden.host("noise"), step),
    timesteps: hostTensor(timesteps, [timesteps.length]),
    ...noiseLevels(schedule, timesteps),
    lossWeight: hostTensor(weights, [weights.length]),
  };
}

function reportOf(outputs: Readonly<Record<string, number>>): StepReport {
  const { loss, lossInstance, lossPrior, gradientNorm } = outputs;
  return { loss: loss!, instance: lossInstance!, prior: lossPrior!, grad_norm: gradientNorm! };
}

/** Gradients of the run's next first step by parameter. */
export async function firstGradients({
  module,
  batch,
}: TrainingRun): Promise<ReadonlyMap<string, tf.Tensor>> {
  const { compile } = await useBackend("ort", { threads: 2 });
  const context: StepContext = { loaderIndex: 0, log() {}, logDict() {} };
  const differentiate = compile((inputs: tf.NamedTensorMap) => {
    const loss = (): StepOutput => module.trainingStep(inputs, context);
    return Object.fromEntries(lossGradients(loss, module.trainableParameters()).gradients);
  });
  const inputs = toTensors(batch(0));
  try {
    return new Map(Object.entries(await differentiate(inputs)));
  } finally {
    tf.dispose(inputs);
    differentiate.dispose();
  }
}
