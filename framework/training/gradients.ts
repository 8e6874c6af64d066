import * as tf from "@tensorflow/tfjs";

import type { Gradients } from "./hooks.ts";
import { checkScalars } from "./scalars.ts";
import type { NamedVariables } from "./trainingModule.ts";

/**
 * Forward and backward.
 *
 * @param loss also gives other scalars of the forward pass, which outlive it
 * @returns gradients by name; parameters that the loss does not depend on have none
 */
export function lossGradients(
  loss: () => { loss: tf.Scalar } & Record<string, tf.Scalar>,
  parameters: NamedVariables,
): { outputs: { loss: tf.Scalar } & Record<string, tf.Tensor>; gradients: Gradients } {
  const kept = new Map<string, tf.Tensor>();
  const { value, grads } = disposingTape(() =>
    tf.variableGrads(() => {
      const given = loss();
      checkScalars("the training step", given, "loss");
      const { loss: minimised, ...others } = given;
      for (const [name, other] of Object.entries(others)) kept.set(name, tf.keep(other.clone()));
      return minimised;
    }, [...parameters.values()]),
  );
  const outputs: { loss: tf.Scalar } & Record<string, tf.Tensor> = { loss: value };
  for (const [name, tensor] of kept) {
    outputs[name] = tensor.clone(); // belongs to the enclosing tidy, unlike what was kept
    tensor.dispose();
  }
  const named = [...parameters].map(([name, variable]) => [name, grads[variable.name]]);
  return { outputs, gradients: new Map(named.filter(isConnected)) };
}

/** TF.js keeps what its tape saved when a function fails under it: gives that back. */
function disposingTape<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const tape = tf.engine().state.activeTape ?? [];
    for (const { saved } of tape) tf.dispose(saved ?? []);
    tape.length = 0;
    if (!String(error).includes("Cannot find a connection")) throw error;
    throw new RangeError("Cannot train: the loss depends on no trained parameter", {
      cause: error,
    });
  }
}

const isConnected = (entry: unknown[]): entry is [string, tf.Tensor] =>
  entry[1] !== undefined && entry[1] !== null;
