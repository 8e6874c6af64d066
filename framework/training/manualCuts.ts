/**
 * @file A manual step in parts, for workers that train together. At each call of `gradients` the
 * step is left, workers add up what it gave, and the next part does everything from the start with
 * the sums in the place of these gradients. Variables change in the last part alone.
 */
import * as tf from "@tensorflow/tfjs";

import { toTensors, type HostTensor } from "../base/hostTensor.ts";
import { joinGradients, splitGradients } from "./sharedGradients.ts";
import type { ManualStepContext } from "./stepContext.ts";

export type GradientsOf = ManualStepContext["gradients"];

/** What one call of `gradients` gave. */
type GradientCall = ReturnType<GradientsOf>;

/**
 * Inputs for all parts after that of a call, the first being 0.
 *
 * @param sums of its gradients, over all workers
 */
export function callInputs(
  call: number,
  loss: number,
  sums: ReadonlyMap<string, HostTensor>,
): tf.NamedTensorMap {
  const tensors = { loss: tf.scalar(loss), ...toTensors(joinGradients(sums)) };
  const entries = Object.entries(tensors);
  return Object.fromEntries(entries.map(([name, tensor]) => [`call/${call}/${name}`, tensor]));
}

/** Undoes `callInputs` inside the compiled function. */
export function splitCalls(inputs: tf.NamedTensorMap): {
  calls: GradientCall[];
  others: tf.NamedTensorMap;
} {
  const given: tf.NamedTensorMap[] = [];
  const others: tf.NamedTensorMap = {};
  for (const [name, tensor] of Object.entries(inputs)) {
    const [, call, own] = /^call\/(\d+)\/(.*)$/s.exec(name) ?? [];
    if (call === undefined || own === undefined) others[name] = tensor;
    else (given[Number(call)] ??= {})[own] = tensor;
  }
  const calls = given.map((tensors) => {
    const { gradients, others: loss } = splitGradients(tensors);
    return { loss: loss["loss"]!.asScalar(), gradients };
  });
  return { calls, others };
}

/** Leaves a step at a call of `gradients`; its tensors outlive the scopes that it leaves. */
class StepCut extends Error {
  readonly tensors: tf.NamedTensorMap;

  constructor({ loss, gradients }: GradientCall) {
    super("the step is left here until the workers have added up their gradients");
    const entries = Object.entries({ loss, ...joinGradients(gradients) });
    this.tensors = Object.fromEntries(
      entries.map(([name, tensor]) => [name, tf.keep(tensor.clone())]),
    );
  }
}

/**
 * Gives the means over the workers where they are known, and otherwise leaves the step.
 *
 * @param calls sums over the workers, of the first calls
 * @throws {TypeError} for gradients inside the loss of others, which would not be means
 */
export function cutAtUnknown(
  calls: readonly GradientCall[],
  workers: number,
  gradientsOf: GradientsOf,
): GradientsOf {
  let next = 0;
  let inLoss = false;
  return (loss, parameters) => {
    if (inLoss) {
      throw new TypeError(
        "Cannot train on several workers: gradients() inside the loss of another gradients() would be of one worker alone; take them with tf.grad() there",
      );
    }
    const watched = (): tf.Scalar => {
      inLoss = true;
      try {
        return loss();
      } finally {
        inLoss = false;
      }
    };
    const known = calls[next++];
    if (!known) throw new StepCut(gradientsOf(watched, parameters));
    tf.tidy(() => void watched()); // for what else it does, such as to log
    const means = [...known.gradients].map(
      ([name, sum]) => [name, sum.mul<tf.Tensor>(1 / workers)] as const,
    );
    return { loss: known.loss.clone(), gradients: new Map(means) };
  };
}

/**
 * Runs a step to its end, or to where it is left: variables then have their values from before.
 *
 * @param others scalars that a step which is left gives beside loss and gradients
 */
export function untilCut(
  step: () => tf.NamedTensorMap,
  others: Readonly<Record<string, number>>,
): tf.NamedTensorMap {
  const before = Object.values(tf.engine().registeredVariables).map((variable) => {
    return { variable, dataId: variable.dataId, value: variable.clone() };
  });
  try {
    return step();
  } catch (error) {
    if (!(error instanceof StepCut)) throw error;
    for (const { variable, dataId, value } of before) {
      if (variable.dataId !== dataId) variable.assign(value);
    }
    const outputs: tf.NamedTensorMap = {};
    for (const [name, value] of Object.entries(others)) outputs[name] = tf.scalar(value);
    for (const [name, tensor] of Object.entries(error.tensors)) outputs[name] = tensor.clone();
    tf.dispose(error.tensors);
    return outputs;
  } finally {
    tf.dispose(before.map(({ value }) => value));
  }
}
