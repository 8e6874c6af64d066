import * as tf from "@tensorflow/tfjs";
import { layers, ops, ParameterScope } from "seedbed";

/** A network of fully connected layers. */
export interface Network {
  readonly parameters: Map<string, tf.Variable>;
  /** `[batch, inputs]` to `[batch, outputs]`. */
  apply(x: tf.Tensor): tf.Tensor;
  dispose(): void;
}

/**
 * Smooth between its layers: the penalty on a slope is trained through a second gradient.
 *
 * @param name under which its parameters stand
 * @param sizes features of the input, of each hidden layer and of the output
 */
export function createNetwork(name: string, sizes: readonly number[], seed: number): Network {
  const root = new ParameterScope({ seed });
  const apply = sizes
    .slice(1)
    .map((outputs, i) => layers.linear(root.at(`${name}.${i}`), sizes[i]!, outputs));
  return {
    parameters: root.parameters,
    apply: (x) => apply.reduce((y, layer, i) => layer(i === 0 ? y : ops.silu(y)), x),
    dispose: () => tf.dispose([...root.parameters.values()]),
  };
}
