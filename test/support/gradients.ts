import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { RandomStream } from "../../framework/base/random.ts";
import { expectClose } from "./tensors.ts";

/** Standard normals, the same for the same name. */
export function normals(name: string, shape: number[]): tf.Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(new RandomStream(7, name).normals(size), shape);
}

/** Gradients by the tape: of `sum(f(inputs) * dy)`, in the order of the inputs. */
export function tapeGradients(
  f: (inputs: tf.NamedTensorMap) => tf.Tensor,
  inputs: tf.NamedTensorMap,
  dy: tf.Tensor,
): tf.NamedTensorMap {
  const names = Object.keys(inputs);
  const gradients = tf.grads((...values: tf.Tensor[]) =>
    f(Object.fromEntries(names.map((name, i) => [name, values[i]!]))),
  )(Object.values(inputs), dy);
  return Object.fromEntries(names.map((name, i) => [name, gradients[i]!]));
}

/**
 * What the engine would get from a kernel's registered gradient: calls it with the inputs and
 * outputs that its registration asks to save.
 *
 * @param names inputs that have a gradient
 */
export function registeredGradients(
  kernel: string,
  inputs: tf.NamedTensorMap,
  outputs: readonly tf.Tensor[],
  dy: tf.Tensor,
  attributes: tf.NamedAttrMap = {},
  names: readonly string[] = Object.keys(inputs),
): tf.NamedTensorMap {
  const { gradFunc, inputsToSave = [], outputsToSave = [] } = tf.getGradient(kernel);
  const saved = [
    ...inputsToSave.map((name) => inputs[name]!),
    ...outputs.filter((_, i) => outputsToSave[i]),
  ];
  const dys = [dy, ...outputs.slice(1).map((output) => tf.zerosLike(output))];
  const gradients = gradFunc(dys.length > 1 ? dys : dy, saved, attributes);
  return Object.fromEntries(names.map((name) => [name, gradients[name]!()]));
}

/** Compares the tape's gradients with central differences; float32 allows about three digits. */
export async function expectNumericGradients(
  f: (inputs: tf.NamedTensorMap) => tf.Tensor,
  inputs: tf.NamedTensorMap,
  dy: tf.Tensor,
): Promise<void> {
  const step = 1e-2;
  const gradients = tapeGradients(f, inputs, dy);
  for (const [name, x] of Object.entries(inputs)) {
    const values = x.dataSync();
    const analytic = gradients[name]!.dataSync();
    for (let i = 0; i < values.length; i++) {
      const at = (delta: number): number =>
        tf.tidy(() => {
          const moved = Float32Array.from(values, (value, j) => (j === i ? value + delta : value));
          return f({ ...inputs, [name]: tf.tensor(moved, x.shape) })
            .mul(dy)
            .sum()
            .dataSync()[0]!;
        });
      const numeric = (at(step) - at(-step)) / (2 * step);
      const tolerance = 5e-3 * Math.max(1, Math.abs(numeric));
      expect(analytic[i], `d/d${name}[${i}]`).to.be.closeTo(numeric, tolerance);
    }
  }
  tf.dispose(gradients);
}

/** Compares maps of tensors, name by name. */
export function expectSameGradients(
  actual: tf.NamedTensorMap,
  expected: tf.NamedTensorMap,
  tolerance = 1e-4,
): void {
  expect(Object.keys(actual)).to.deep.equal(Object.keys(expected));
  for (const [name, tensor] of Object.entries(expected)) {
    expect(actual[name]!.shape, name).to.deep.equal(tensor.shape);
    const difference = tf.tidy(() => actual[name]!.sub(tensor).abs().max().dataSync()[0]!);
    expect(difference, `largest difference of ${name}`).to.be.below(tolerance);
  }
}

/** Compares two ways to compute the same: their values, and the tape's gradients by all inputs. */
export async function expectSameFunctions(
  f: (inputs: tf.NamedTensorMap) => tf.Tensor,
  like: (inputs: tf.NamedTensorMap) => tf.Tensor,
  { inputs, dy, tolerance }: { inputs: tf.NamedTensorMap; dy: tf.Tensor; tolerance: number },
): Promise<void> {
  const [actual, expected] = [f(inputs), like(inputs)];
  await expectClose(actual, expected, tolerance);
  tf.tidy(() =>
    expectSameGradients(tapeGradients(f, inputs, dy), tapeGradients(like, inputs, dy), tolerance),
  );
  tf.dispose([actual, expected]);
}
