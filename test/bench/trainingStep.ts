import * as tf from "@tensorflow/tfjs";

import type { HostBatch } from "../../framework/base/hostTensor.ts";
import type { Parameters } from "../../framework/nn/parameterScope.ts";
import { adamW } from "../../framework/optim/optimizers/adamW.ts";
import { updateSteps } from "../support/updateSteps.ts";
import type { PrepareOptions, PreparedWorkload } from "./workload.ts";
import { writeModel } from "./writeModel.ts";

const learningRate = 1e-4;
const weightDecay = 0.01;
/** Largest norm of all gradients together. */
const gradientClipVal = 1;

/** A model with a batch and a loss, known to both sides. */
export interface TrainingProblem {
  /** Which model of the other side, and the config that builds it there. */
  peerModel: "autoencoder" | "unet" | "unetWithText" | "transformer";
  config: object;
  parameters: Parameters;
  /** Named as the other side's loss names them. */
  inputs: HostBatch;
  /** Numbers that the loss knows beside the inputs, named as over there. */
  numbers: Readonly<Record<string, number>>;
  loss: (inputs: tf.NamedTensorMap) => tf.Tensor;
}

/** Forward, backward, clipping and AdamW: the trainer's own step. */
export function trainingStep(
  { peerModel, config, parameters, inputs, numbers, loss }: TrainingProblem,
  { compile }: PrepareOptions,
): PreparedWorkload {
  const optimizer = adamW({ learningRate, weightDecay });
  const step = updateSteps(
    {
      trainableParameters: () => parameters,
      configureOptimizers: () => ({ optimizer }),
      trainingStep: (batch) => ({ loss: loss(batch).asScalar() }),
    },
    { compile, gradientClipVal },
  );
  const run = async (): Promise<number> => (await step.run(inputs))["loss"]!;
  const settings = { learningRate, weightDecay, gradientClipVal, numbers };
  return {
    run,
    repeats: 1,
    dispose: () => step.dispose(),
    handOver: (folder) => ({
      command: "load",
      model: peerModel,
      config,
      ...settings,
      ...writeModel(folder, parameters, inputs),
    }),
  };
}
