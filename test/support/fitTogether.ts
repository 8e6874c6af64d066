import { expect } from "chai";
import {
  createLoader,
  hostTensor,
  shuffledOrder,
  type DataLoader,
  type FitResult,
  type ManualTrainingModule,
  type TrainingModule,
  type World,
} from "seedbed";

import { Trainer, type TrainerOptions } from "../../framework/training/trainer.ts";
import { quiet } from "./fitToy.ts";
import { together } from "./memoryWorlds.ts";
import { parameterBytes, recordingLogger, toyModule, type ToyOptions } from "./toyTraining.ts";

/** Shuffled examples of the toy's task. */
export function examples(batchSize: number, count = 24): DataLoader {
  return createLoader({
    dataset: {
      length: count,
      get(index) {
        const x = Float32Array.of(index / 10, Math.sin(index), 1);
        return { x: hostTensor(x, [3]), y: hostTensor(Float32Array.of(x[0]! + x[1]! + 1), [1]) };
      },
    },
    order: shuffledOrder(count, 4),
    batchSize,
    seed: 1,
  });
}

export interface WorkersFit extends TrainerOptions {
  /** Of one worker. */
  batchSize?: number;
  examples?: number;
  valLoader?: DataLoader;
  resumeFrom?: string;
  module?: ToyOptions;
  /** What the toy does differently. */
  change?: (toy: TrainingModule) => Partial<TrainingModule & ManualTrainingModule>;
}

export type Fitted = FitResult & { bytes: string; rows: Readonly<Record<string, number>>[] };

/** Fits the toy as one of several workers. */
export async function fitIn(
  world: World,
  {
    batchSize = 4,
    examples: count,
    module: toy = { noise: 0.3 },
    valLoader,
    resumeFrom,
    change = () => ({}),
    ...options
  }: WorkersFit,
): Promise<Fitted> {
  const module = toyModule(toy);
  const logger = recordingLogger();
  try {
    const trainer = new Trainer({
      ...quiet,
      maxSteps: 6,
      logEveryNSteps: 1,
      loggers: [logger],
      world,
      ...options,
    });
    const data = { trainLoader: examples(batchSize, count), valLoader, resumeFrom };
    const result = await trainer.fit({ ...module, ...change(module) }, data);
    const rows = logger.rows.map(({ metrics }) => metrics);
    return { ...result, bytes: await parameterBytes(module), rows };
  } finally {
    module.dispose();
  }
}

/** Fits as two workers that do the same but for `own`. */
export async function fitTogether(
  options: WorkersFit,
  own: (rank: number) => WorkersFit = () => ({}),
): Promise<(Fitted | Error)[]> {
  return together(2, (world) => fitIn(world, { ...options, ...own(world.rank) }));
}

export function fitted(results: readonly (Fitted | Error)[]): Fitted[] {
  return results.map((result) => {
    if (result instanceof Error) throw result;
    return result;
  });
}

export const messages = (results: readonly unknown[]): string[] =>
  results.map((result) => (result instanceof Error ? result.message : "no error"));

export const curve = (fit: Fitted, name: string): number[] =>
  fit.rows.map((row) => row[name]).filter((value) => value !== undefined);

export function expectClose(
  actual: readonly number[],
  expected: readonly number[],
  tolerance: number,
): void {
  expect(actual).to.have.length(expected.length);
  for (const [i, value] of expected.entries()) {
    expect(actual[i], `at ${i}`).to.be.closeTo(value, tolerance);
  }
}
