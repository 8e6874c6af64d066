import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { runEagerly } from "../../../../framework/base/compile.ts";
import { adamW } from "../../../../framework/optim/optimizers/adamW.ts";
import { muon, type MuonOptions } from "../../../../framework/optim/optimizers/muon.ts";
import {
  expectSteps,
  gradientAt,
  gradientScale,
  learningRate,
  startOf,
  stepCount,
  stepped,
} from "../../../support/optimizerSteps.ts";

type Matrix = number[][];

const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));
const transposed = (a: Matrix): Matrix => a[0]!.map((_, j) => a.map((row) => row[j]!));
const weighed = (a: Matrix, x: number, b: Matrix, y: number): Matrix =>
  a.map((row, i) => row.map((value, j) => x * value + y * b[i]![j]!));
const matrixOf = (values: ArrayLike<number>, [rows, columns]: readonly number[]): Matrix =>
  Array.from({ length: rows! }, (_, i) =>
    Array.from({ length: columns! }, (__, j) => values[i * columns! + j]!),
  );

/** The published iteration on whichever of the matrix and its transpose is wide. */
function orthogonalised(matrix: Matrix, iterations: number): Matrix {
  if (matrix.length > matrix[0]!.length) {
    return transposed(orthogonalised(transposed(matrix), iterations));
  }
  const norm = Math.sqrt(matrix.flat().reduce((sum, value) => sum + value * value, 0));
  let x = matrix.map((row) => row.map((value) => value / norm));
  for (let i = 0; i < iterations; i++) {
    const square = product(x, transposed(x));
    const factor = weighed(square, -4.775, product(square, square), 2.0315);
    x = weighed(x, 3.4445, product(factor, x), 1);
  }
  return x;
}

/** The algorithm in float64. */
function reference(shape: [number, number], options: Partial<MuonOptions>): number[] {
  const { momentum = 0.95, nesterov = true, iterations = 5, weightDecay = 0.1 } = options;
  const size = 0.2 * Math.sqrt(Math.max(...shape));
  let parameter = matrixOf(startOf(shape), shape);
  let average = weighed(parameter, 0, parameter, 0);
  for (let step = 1; step <= stepCount; step++) {
    const scaled = Array.from(gradientAt(step, shape), (value) => value * gradientScale);
    const gradient = matrixOf(scaled, shape);
    average = weighed(average, momentum, gradient, 1 - momentum);
    const ahead = nesterov ? weighed(average, momentum, gradient, 1 - momentum) : average;
    const update = orthogonalised(ahead, iterations);
    parameter = weighed(parameter, 1 - learningRate * weightDecay, update, -learningRate * size);
  }
  return parameter.flat();
}

/** A parameter after one step along a gradient, from 0. */
function stepFromZero(name: string, gradient: number[][]): number[][] {
  return tf.tidy(() => {
    const optimizer = muon({ momentum: 0, weightDecay: 0 });
    const parameter = tf.variable(tf.zeros([gradient.length, gradient[0]!.length]));
    optimizer.initialize(new Map([[name, parameter]]));
    const numbers = Object.entries(optimizer.hyperparameters(1, 1));
    const scalars = Object.fromEntries(numbers.map(([key, value]) => [key, tf.scalar(value)]));
    optimizer.apply(new Map([[name, tf.tensor2d(gradient)]]), scalars);
    const values = matrixOf(parameter.dataSync(), parameter.shape);
    optimizer.dispose();
    parameter.dispose();
    return values;
  });
}

describe("muon()", () => {
  const cases: { title: string; shape: [number, number]; options: Partial<MuonOptions> }[] = [
    { title: "a wide matrix", shape: [4, 6], options: {} },
    { title: "a tall matrix", shape: [6, 3], options: {} },
    {
      title: "without Nesterov's step, three iterations, no decay",
      shape: [4, 6],
      options: { nesterov: false, momentum: 0.9, iterations: 3, weightDecay: 0 },
    },
  ];
  for (const { title, shape, options } of cases) {
    it(`follows the algorithm in float64 for 20 steps: ${title}`, async () => {
      await expectSteps(() => muon(options), shape, reference(shape, options), 2e-4);
    });
  }

  it("moves all directions of a matrix about as far, as far as AdamW would", () => {
    const moved = stepFromZero("w", [
      [3, 0, 0],
      [0, 1, 0],
    ]);
    const size = 0.2 * Math.sqrt(3);
    for (const [i, row] of moved.entries()) {
      for (const [j, value] of row.entries()) {
        if (i === j) expect(-value / size).to.be.within(0.68, 1.2);
        else expect(value).to.be.closeTo(0, 1e-6);
      }
    }
  });

  it("leaves vectors to AdamW", async () => {
    const expected = await stepped(adamW({ weightDecay: 0.05 }), [7], runEagerly);
    await expectSteps(() => muon({ weightDecay: 0.05 }), [7], Array.from(expected), 2e-6);
  });

  it("leaves tables of words to AdamW", () => {
    const [[first, second] = []] = stepFromZero("model.embed_tokens.weight", [[3, -0.1]]);
    expect(first).to.be.closeTo(-1, 1e-5);
    expect(second).to.be.closeTo(1, 1e-5);
  });

  it("refuses a pattern that is none", () => {
    expect(() => muon({ adamW: "(" })).to.throw(
      RangeError,
      "Cannot build muon: adamW must be a regular expression",
    );
  });
});
