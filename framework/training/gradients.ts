import * as tf from "@tensorflow/tfjs";

import type { Gradients } from "./hooks.ts";
import { checkScalars } from "./scalars.ts";
import type { NamedVariables } from "./trainingModule.ts";

/**
 * Forward and backward.
 *
 * @param loss also gives other scalars of the forward pass, which outlive it
 * @param minimised what the gradients are of, in the place of the loss
 * @returns gradients by name; parameters that the loss does not depend on have none
 */
export function lossGradients(
  loss: () => { loss: tf.Scalar } & Record<string, tf.Scalar>,
  parameters: NamedVariables,
  minimised: (loss: tf.Scalar) => tf.Scalar = (value) => value,
): { outputs: { loss: tf.Scalar } & Record<string, tf.Tensor>; gradients: Gradients } {
  const kept = new Map<string, tf.Tensor>();
  const { value, grads } = disposingOnFailure(kept, () =>
    tf.variableGrads(() => {
      const outputs = loss();
      checkScalars("the training step", outputs, "loss");
      for (const [name, each] of Object.entries(outputs)) kept.set(name, tf.keep(each.clone()));
      return minimised(outputs.loss);
    }, [...parameters.values()]),
  );
  value.dispose();
  const outputs: { loss: tf.Scalar } & Record<string, tf.Tensor> = {
    loss: kept.get("loss")!.asScalar(),
  };
  for (const [name, tensor] of kept) {
    outputs[name] = tensor.clone(); // belongs to the enclosing tidy, unlike what was kept
    tensor.dispose();
  }
  const named = [...parameters].map(([name, variable]) => [name, grads[variable.name]]);
  return { outputs, gradients: new Map(named.filter(isConnected)) };
}

/** Gradients of the loss itself, from those of the loss times `scale`. */
export function unscaled(gradients: Gradients, scale: tf.Scalar | undefined): Gradients {
  if (!scale) return gradients;
  const factor = tf.scalar(1).div(scale);
  return new Map([...gradients].map(([name, gradient]) => [name, gradient.mul(factor)]));
}

/** TF.js keeps what its tape saved when a function fails under it: gives that back, and `kept`. */
function disposingOnFailure<Result>(kept: Map<string, tf.Tensor>, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const tape = tf.engine().state.activeTape ?? [];
    for (const { saved } of tape) tf.dispose(saved ?? []);
    tape.length = 0;
    tf.dispose([...kept.values()]);
    if (!String(error).includes("Cannot find a connection")) throw error;
    throw new RangeError("Cannot train: the loss depends on no trained parameter", {
      cause: error,
    });
  }
}

const isConnected = (entry: unknown[]): entry is [string, tf.Tensor] =>
  entry[1] !== undefined && entry[1] !== null;
