import { describe, it } from "mocha";

import { sizeOf } from "../../../../framework/base/shape.ts";
import {
  adafactor,
  type AdafactorOptions,
} from "../../../../framework/optim/optimizers/adafactor.ts";
import {
  expectSteps,
  gradientAt,
  gradientScale,
  learningRate,
  startOf,
  stepCount,
} from "../../../support/optimizerSteps.ts";

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rms(values: readonly number[]): number {
  return Math.sqrt(mean(values.map((value) => value * value)));
}

/** Adafactor as the transformers library has it, in float64; `shape` of rank 1 to 3. */
function reference(shape: number[], options: Partial<AdafactorOptions>): number[] {
  const { relativeStep = true, warmupInit = false, scaleParameter = true } = options;
  const { beta1 = 0, weightDecay = 0, clipThreshold = 1, decayRate = -0.8 } = options;
  const size = sizeOf(shape);
  const [columns, rows] = [shape.at(-1)!, shape.at(-2) ?? 1];
  const [parameter, second, first] = [Array.from(startOf(shape)), zeros(size), zeros(size)];
  const [rowMoment, columnMoment] = [zeros(size / columns), zeros(size / rows)];
  const rowOf = (i: number): number => Math.floor(i / columns);
  const columnOf = (i: number): number =>
    Math.floor(i / (rows * columns)) * columns + (i % columns);
  for (let step = 1; step <= stepCount; step++) {
    const g = Array.from(gradientAt(step, shape), (value) => value * gradientScale);
    const squares = g.map((value) => value * value + 1e-30);
    const decay = 1 - step ** decayRate;
    const average = (state: number[], groupOf: (i: number) => number): void => {
      for (const [j, old] of state.entries()) {
        const members = squares.filter((_, i) => groupOf(i) === j);
        state[j] = decay * old + (1 - decay) * mean(members);
      }
    };
    average(rowMoment, rowOf);
    average(columnMoment, columnOf);
    average(second, (i) => i);
    const moment = (i: number): number => {
      if (shape.length < 2) return second[i]!;
      const matrix = Math.floor(i / (rows * columns));
      const rowsOfMatrix = rowMoment.slice(matrix * rows, (matrix + 1) * rows);
      return (rowMoment[rowOf(i)]! / mean(rowsOfMatrix)) * columnMoment[columnOf(i)]!;
    };
    const update = g.map((value, i) => value / Math.sqrt(moment(i)));
    const excess = Math.max(1, rms(update) / clipThreshold);
    const relative = Math.min(warmupInit ? 1e-6 * step : 1e-2, 1 / Math.sqrt(step));
    const rate = relativeStep ? learningRate * relative : learningRate;
    const stepSize = scaleParameter ? rate * Math.max(1e-3, rms(parameter)) : rate;
    for (const [i, value] of update.entries()) {
      const move = (value / excess) * stepSize;
      first[i] = beta1 * first[i]! + (1 - beta1) * move;
      parameter[i]! -= weightDecay * stepSize * parameter[i]! + first[i]!;
    }
  }
  return parameter;
}

function zeros(size: number): number[] {
  return Array.from({ length: size }, () => 0);
}

const cases: { title: string; shape: number[]; options: Partial<AdafactorOptions> }[] = [
  { title: "a matrix", shape: [4, 6], options: {} },
  { title: "a vector", shape: [7], options: {} },
  { title: "the last two axes of three", shape: [2, 3, 4], options: { relativeStep: false } },
  { title: "warm-up", shape: [4, 6], options: { warmupInit: true } },
  {
    title: "first moment, weight decay, tight clipping",
    shape: [4, 6],
    options: {
      relativeStep: false,
      scaleParameter: false,
      beta1: 0.9,
      weightDecay: 0.1,
      clipThreshold: 0.5,
    },
  },
];

describe("adafactor()", () => {
  for (const { title, shape, options } of cases) {
    it(`follows the algorithm in float64 for 20 steps: ${title}`, async () => {
      await expectSteps(() => adafactor(options), shape, reference(shape, options), 5e-6);
    });
  }
});
