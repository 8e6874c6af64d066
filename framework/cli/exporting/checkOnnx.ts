import * as tf from "@tensorflow/tfjs";

import { toTensors, type HostTensor } from "../../base/hostTensor.ts";
import type { OnnxComponent } from "./onnxComponents.ts";
import { onnxInputs } from "./onnxInputs.ts";

/** What float32 sums in another order may change, relative to the largest value. */
const tolerance = 1e-4;

/**
 * Runs a file with ONNX Runtime's own package and compares its outputs with the model's, at other
 * lengths than it was recorded with.
 *
 * @returns what was compared, for people
 * @throws {Error} when they differ
 */
export async function checkOnnx(file: string, component: OnnxComponent): Promise<string> {
  const lengths = Object.fromEntries(
    Object.entries(component.lengths).map(([name, length]) => [
      name,
      name === "batch_size" ? 1 : length * 2,
    ]),
  );
  const inputs = onnxInputs(component, lengths);
  const actual = await runOnnx(file, inputs);
  const tensors = toTensors(Object.fromEntries(inputs));
  const expected = tf.tidy(() => component.compute(tensors));
  try {
    const parts = Object.entries(expected).map(([name, tensor]) => {
      const [difference, largest] = compare(actual.get(name), tensor);
      if (difference <= tolerance * Math.max(1, largest)) {
        return `${name} ${difference.toExponential(1)} off, of ${largest.toPrecision(3)}`;
      }
      throw new Error(
        `Cannot export ${component.name}: ONNX Runtime gives a ${name} that is ${difference} off, of ${largest}`,
      );
    });
    return parts.join("; ");
  } finally {
    tf.dispose([tensors, expected]);
  }
}

/** Largest difference and largest value; NaN counts as a difference. */
function compare(actual: HostTensor | undefined, expected: tf.Tensor): [number, number] {
  const values = expected.dataSync();
  let [difference, largest] = [0, 0];
  if (!actual || actual.shape.join() !== expected.shape.join()) return [Infinity, 0];
  for (let i = 0; i < values.length; i++) {
    const apart = Math.abs(values[i]! - actual.values[i]!);
    if (!(apart <= difference)) difference = apart;
    largest = Math.max(largest, Math.abs(values[i]!));
  }
  return [difference, largest];
}

/** What a model file makes of inputs, in a session that ends with the call. */
export async function runOnnx(
  file: string,
  inputs: ReadonlyMap<string, HostTensor>,
): Promise<Map<string, HostTensor>> {
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  const session = await InferenceSession.create(file);
  try {
    const feeds = [...inputs].map(([name, { values, shape }]) => [
      name,
      values instanceof Int32Array
        ? new Tensor("int32", values, shape)
        : new Tensor("float32", values, shape),
    ]);
    const results = await session.run(Object.fromEntries(feeds));
    return new Map(
      Object.entries(results).map(([name, { data, dims }]) => {
        if (data instanceof Float32Array) return [name, { values: data, shape: dims }];
        throw new TypeError(`Cannot read output ${name} of ${file}: expected float32`);
      }),
    );
  } finally {
    await session.release();
  }
}
