/** @file What was found, before it is put into tables. */
import {
  meanAndDeviation,
  type EvaluatedRun,
  type MeanAndDeviation,
  type RgbaImage,
} from "seedbed";

import type { Pictures } from "./drawPictures.ts";
import type { PictureMetrics } from "./measurePictures.ts";
import type { ModelWeights } from "./modelWeights.ts";
import type { Question } from "./question.ts";
import { trainingFacts, type LoggedRun } from "./trainingFacts.ts";

export interface JudgedModel {
  readonly metrics: PictureMetrics;
  /** A few of each prompt. */
  readonly pictures: Pictures;
}

export interface JudgedRun extends JudgedModel {
  readonly run: EvaluatedRun;
  readonly weights: ModelWeights;
}

/** What of a judged run its numbers and its group come from. */
export type Numbered = Pick<JudgedRun, "metrics"> & {
  readonly run: Pick<EvaluatedRun, "name"> & {
    readonly spec: { readonly seed: number };
    readonly stored: LoggedRun;
  };
  readonly weights: Pick<ModelWeights, "steps" | "trainable">;
};

/** All models of one subject. */
export interface JudgedSubject {
  readonly question: Question;
  readonly instances: readonly RgbaImage[];
  readonly base: JudgedModel;
  readonly runs: readonly JudgedRun[];
}

export type Numbers = Readonly<Record<string, number | undefined>>;

/** Every number about a run. */
export function numbersOf({ run, weights, metrics }: Numbered): Numbers {
  const { steps, trainable } = weights;
  return { ...metrics, ...trainingFacts(run.stored), steps, trainable };
}

/** Runs that differ in the seed alone. */
export interface RunGroup<Run extends Numbered = JudgedRun> {
  readonly name: string;
  readonly runs: readonly Run[];
  /** Of the numbers that every one of its runs has. */
  readonly numbers: Readonly<Record<string, MeanAndDeviation | undefined>>;
}

/** Groups in the order of their first runs. */
export function groupRuns<Run extends Numbered>(runs: readonly Run[]): RunGroup<Run>[] {
  const names = [...new Set(runs.map(({ run }) => run.name))];
  return names.map((name) => {
    const own = runs
      .filter(({ run }) => run.name === name)
      .toSorted((a, b) => a.run.spec.seed - b.run.spec.seed);
    return { name, runs: own, numbers: summarise(own.map(numbersOf)) };
  });
}

/** Each number's mean and deviation; undefined where not all have it. */
export function summarise(all: readonly Numbers[]): RunGroup["numbers"] {
  const names = [...new Set(all.flatMap((each) => Object.keys(each)))];
  return Object.fromEntries(
    names.map((name) => {
      const values = all.map((each) => each[name]).filter((value) => value !== undefined);
      return [name, values.length === all.length ? meanAndDeviation(values) : undefined];
    }),
  );
}
