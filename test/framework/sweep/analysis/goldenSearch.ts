import { readFileSync } from "node:fs";

import type { RangedParameter } from "../../../../framework/sweep/analysis/parameterImportance.ts";

export const goldenNames = ["x", "lr", "layers", "opt"] as const;
type Shares = Record<(typeof goldenNames)[number], number>;

interface Golden {
  /** Of Optuna 5.0's `PedAnovaImportanceEvaluator`. */
  importance: Shares;
  /** Of Optuna 4.9's `FanovaImportanceEvaluator`, for the seeds 0 and 1 of its forest. */
  fanova: [Shares, Shares];
  trials: { x: number; lr: number; layers: number; opt: string; value: number }[];
}

/** 80 trials of a search over a number, a magnitude, a whole number and a choice; smaller is better. */
export const golden: Golden = JSON.parse(
  readFileSync("test/fixtures/sweeps/optuna-importance.json", "utf8"),
);
const { trials } = golden;

export const goldenValues: number[] = trials.map(({ value }) => value);

/** @param isLog whether magnitudes count alike; Optuna's functional ANOVA has them count as they are */
export function goldenParameters(isLog: boolean): RangedParameter[] {
  return [
    { range: { kind: "numbers", low: -5, high: 5 }, values: trials.map(({ x }) => x) },
    { range: { kind: "numbers", low: 1e-5, high: 0.1, isLog }, values: trials.map(({ lr }) => lr) },
    {
      range: { kind: "numbers", low: 1, high: 6, isInteger: true },
      values: trials.map(({ layers }) => layers),
    },
    {
      range: { kind: "choices", count: 3 },
      values: trials.map(({ opt }) => ["sgd", "adam", "lamb"].indexOf(opt)),
    },
  ];
}
