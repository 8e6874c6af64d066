import * as tf from "@tensorflow/tfjs";

import type { Compile } from "../base/compile.ts";
import { toTensors, type HostBatch } from "../base/hostTensor.ts";
import { countFlops } from "./countFlops.ts";

/** Floating-point operations on one batch, a multiplication and an addition being two. */
export interface StepFlops {
  readonly forward: number;
  readonly backward: number;
}

/** The part of a training module that computes the loss. */
export interface LossModule {
  trainableParameters(): ReadonlyMap<string, tf.Variable>;
  trainingStep(batch: tf.NamedTensorMap): { loss: tf.Scalar };
}

const counted = new Error("The operations are counted: the recording is not needed");

/**
 * Floating-point operations of a training step: the loss, and its gradients by the trainable
 * parameters.
 */
export function stepFlops(
  module: LossModule,
  batch: HostBatch,
  compile: Compile,
): Promise<StepFlops> {
  return flopsOnBatch(batch, compile, (inputs) => gradientFlops(module, inputs));
}

/**
 * What `count` finds in a step. Where functions are compiled the step is recorded and the recording
 * given up, so that nothing is computed; elsewhere it runs once. Variables that the step assigns
 * keep their values.
 */
export async function flopsOnBatch(
  batch: HostBatch,
  compile: Compile,
  count: (inputs: tf.NamedTensorMap) => StepFlops,
): Promise<StepFlops> {
  let flops: StepFlops | undefined;
  const step = compile((inputs: tf.NamedTensorMap): tf.NamedTensorMap => {
    flops = keepingVariables(() => count(inputs));
    throw counted;
  });
  const inputs = toTensors(batch);
  try {
    await step(inputs);
  } catch (error) {
    if (error !== counted) throw error;
  } finally {
    step.dispose();
    tf.dispose(inputs);
  }
  return flops!;
}

function gradientFlops(module: LossModule, batch: tf.NamedTensorMap): StepFlops {
  const parameters = [...module.trainableParameters().values()];
  let forward = 0;
  const { flops } = countFlops(() =>
    tf.variableGrads(() => {
      const { result, flops: ofLoss } = countFlops(() => module.trainingStep(batch));
      forward = ofLoss;
      return result.loss;
    }, parameters),
  );
  return { forward, backward: flops - forward };
}

/** Runs `fn` and gives every variable its values from before. */
function keepingVariables<Result>(fn: () => Result): Result {
  const kept = Object.values(tf.engine().registeredVariables).map((variable) => ({
    variable,
    before: variable.clone(),
  }));
  try {
    return fn();
  } finally {
    for (const { variable, before } of kept) {
      if (variable.dataId !== before.dataId) variable.assign(before);
      before.dispose();
    }
  }
}
