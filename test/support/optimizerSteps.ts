/** @file Optimizers on fixed gradients, for comparison with a reference in float64. */
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { useBackend } from "../../framework/backend/register.ts";
import { runEagerly, type Compile } from "../../framework/base/compile.ts";
import { RandomStream } from "../../framework/base/random.ts";
import { sizeOf } from "../../framework/base/shape.ts";
import type { Optimizer } from "../../framework/optim/optimizer.ts";

export const stepCount = 20;
export const learningRate = 0.05;
export const gradientScale = 0.5;

/** Where the parameter starts. */
export function startOf(shape: readonly number[]): Float32Array {
  return new RandomStream(7, "parameter").normals(sizeOf(shape));
}

/** The gradient of a step, from 1, before its scale; some rows are much larger than others. */
export function gradientAt(step: number, shape: readonly number[]): Float32Array {
  const normals = new RandomStream(7, "gradient", step).normals(sizeOf(shape));
  return normals.map((value, i) => value * 10 ** -(i % 3));
}

/** The parameter after `stepCount` steps. The optimizer is disposed. */
export async function stepped(
  optimizer: Optimizer,
  shape: number[],
  compile: Compile,
): Promise<ArrayLike<number>> {
  const parameter = tf.tidy(() => tf.variable(tf.tensor(startOf(shape), shape)));
  optimizer.initialize(new Map([["w", parameter]]));
  const step = compile(({ gradient, ...rest }: Record<string, tf.Tensor>) =>
    tf.tidy(() => {
      const scalars = Object.entries(rest).map(([name, value]) => [name, value.asScalar()]);
      const gradients = new Map([["w", gradient!]]);
      optimizer.apply(gradients, Object.fromEntries(scalars), tf.scalar(gradientScale));
      return {};
    }),
  );
  for (let t = 1; t <= stepCount; t++) {
    const numbers = Object.entries(optimizer.hyperparameters(t, learningRate));
    const inputs = {
      ...Object.fromEntries(numbers.map(([name, value]) => [name, tf.scalar(value)])),
      gradient: tf.tensor(gradientAt(t, shape), shape),
    };
    await step(inputs);
    tf.dispose(inputs);
  }
  const values = await parameter.data();
  step.dispose();
  optimizer.dispose();
  parameter.dispose();
  return values;
}

/** Compares the parameter with the reference's, on the backends cpu and ort. */
export async function expectSteps(
  create: () => Optimizer,
  shape: number[],
  expected: readonly number[],
  tolerance: number,
): Promise<void> {
  const onCpu = await stepped(create(), shape, runEagerly);
  const { compile } = await useBackend("ort", { threads: 2 });
  try {
    const onOrt = await stepped(create(), shape, compile);
    for (const [backend, values] of Object.entries({ cpu: onCpu, ort: onOrt })) {
      expected.forEach((value, i) =>
        expect(values[i], `${backend}, element ${i}`).to.be.closeTo(value, tolerance),
      );
    }
  } finally {
    await tf.setBackend("cpu");
  }
}
