import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { useBackend } from "../../../framework/backend/register.ts";
import { toTensors, type HostBatch, type HostTensor } from "../../../framework/base/hostTensor.ts";
import type { Parameters } from "../../../framework/nn/parameterScope.ts";
import { adamW } from "../../../framework/optim/optimizers/adamW.ts";
import { lossGradients } from "../../../framework/training/gradients.ts";
import { updateSteps } from "../../support/updateSteps.ts";
import { hostOf, type Golden } from "../fixtureSet.ts";
import type { RecordedTraining } from "./nanoFolder.ts";

/** A model with the loss of a batch. */
export interface TrainedModel {
  readonly parameters: Parameters;
  loss(batch: tf.NamedTensorMap): tf.Scalar;
}

/** Share of a loss, or of a gradient's norm, that five steps may be off. */
const closeness = 5e-4;

/** Takes the recorded steps, in a compiled step of the Trainer, and compares what they report. */
export async function compareTraining(
  model: TrainedModel,
  recorded: RecordedTraining,
  batches: readonly HostBatch[],
): Promise<void> {
  const { compile } = await useBackend("ort", { threads: 2 });
  const { eps: epsilon, weight_decay: weightDecay } = recorded;
  const betas: [number, number] = [recorded.betas[0], recorded.betas[1]];
  expect(recorded.optimizer).to.equal("AdamW");
  const optimizer = adamW({ learningRate: recorded.lr[0]!, betas, epsilon, weightDecay });
  const module = {
    trainableParameters: () => model.parameters,
    configureOptimizers: () => ({ optimizer }),
    trainingStep: (batch: tf.NamedTensorMap) => ({ loss: model.loss(batch) }),
  };
  const steps = updateSteps(module, { compile, gradientClipVal: recorded.clip_grad_norm });
  try {
    for (const [i, learningRate] of recorded.lr.entries()) {
      const { loss, gradientNorm } = await steps.run(batches[i]!, learningRate);
      expectShare(`loss of step ${i + 1}`, loss!, recorded.loss[i]!);
      expectShare(
        `gradient norm of step ${i + 1}`,
        gradientNorm!,
        recorded.grad_norm_before_clip[i]!,
      );
    }
    expectShare("length of all parameters", await lengthOf(model), recorded.param_l2_after);
    await compareLoss(model, batches[0]!, recorded.final_eval_loss_on_batch0);
  } finally {
    steps.dispose();
    optimizer.dispose();
  }
}

/** After all steps, where it was recorded. */
async function compareLoss(
  model: TrainedModel,
  batch: HostBatch,
  expected: number | null,
): Promise<void> {
  if (expected === null) return;
  const [loss] = await model.loss(toTensors(batch)).data();
  expectShare("loss after all steps", loss!, expected);
}

function expectShare(what: string, actual: number, expected: number): void {
  expect(actual, what).to.be.closeTo(expected, closeness * Math.abs(expected));
}

async function lengthOf({ parameters }: TrainedModel): Promise<number> {
  let sum = 0;
  for (const variable of parameters.values()) {
    for (const value of await variable.data()) sum += value ** 2;
  }
  return Math.sqrt(sum);
}

/** Compares the gradients, from a compiled function, that golden arrays named `prefix` hold. */
export async function compareGradients(
  model: TrainedModel,
  batch: HostBatch,
  golden: Golden,
  prefix = "train.grad0.",
): Promise<void> {
  const { compile } = await useBackend("ort", { threads: 2 });
  const names = golden.names.filter((name) => name.startsWith(prefix));
  const wanted = new Map(
    names.map((name) => {
      const parameter = name.slice(prefix.length);
      return [parameter, model.parameters.get(parameter)!];
    }),
  );
  const differentiate = compile((inputs: tf.NamedTensorMap) =>
    Object.fromEntries(lossGradients(() => ({ loss: model.loss(inputs) }), wanted).gradients),
  );
  const inputs = toTensors(batch);
  try {
    const gradients = await differentiate(inputs);
    for (const [name, gradient] of Object.entries(gradients)) {
      expectGradient(name, await hostOf(gradient), golden.host(prefix + name));
    }
    expect(Object.keys(gradients)).to.have.lengthOf(names.length);
    tf.dispose(gradients);
  } finally {
    tf.dispose(inputs);
    differentiate.dispose();
  }
}

function expectGradient(name: string, { values }: HostTensor, expected: HostTensor): void {
  expect(values).to.have.length(expected.values.length);
  const excess = Array.from(
    expected.values,
    (value, i) => Math.abs(values[i]! - value) / (1e-4 + 1e-3 * Math.abs(value)),
  );
  const largest = excess.reduce((most, each) => Math.max(most, each), 0);
  expect(largest, `largest difference of the gradient of ${name}, in tolerances`).to.be.below(1);
}
