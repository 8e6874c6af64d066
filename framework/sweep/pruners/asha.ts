import type { AshaSpec } from "../../spec/earlyTermination.ts";
import type { Pruner, TrialCurve } from "../pruner.ts";

/**
 * Asynchronous successive halving. At each rung, `min_steps` times a power of `eta`, a trial goes on
 * if it is among the best 1 / eta of those that were there before it, itself included; the first ones
 * go on if they are the best, or with `first_arrivals: continue` in any case. A decision is final.
 *
 * Source: Li et al. 2020, arXiv:1810.05934, as in Optuna 4.9; `continue` as in Ray and Syne Tune.
 */
export function ashaPruner({
  min_steps: minSteps,
  eta,
  first_arrivals: firstArrivals,
}: AshaSpec): Pruner {
  const decided = new Map<number, number>();
  const stepOf = (rung: number): number => minSteps * eta ** rung;
  return {
    name: "asha",
    resume(trial) {
      let rung = 0;
      while (valueFrom(trial, stepOf(rung)) !== undefined) rung++;
      decided.set(trial.index, rung);
    },
    reasonToStop(trial, all) {
      const { step } = trial.values.at(-1) ?? {};
      if (step === undefined) return undefined;
      for (let rung = decided.get(trial.index) ?? 0; ; rung++) {
        const rungStep = stepOf(rung);
        const value = valueFrom(trial, rungStep);
        if (value === undefined) return undefined;
        decided.set(trial.index, rung + 1);
        const others = all.flatMap((curve) => valueFrom(curve, rungStep) ?? []);
        if (firstArrivals === "continue" && others.length < eta) continue;
        const cutoff = cutoffOf(others, eta);
        if (!(value <= cutoff)) {
          return `asha at step ${rungStep}: ${value} is above ${cutoff}, of ${others.length} trials`;
        }
      }
    },
  };
}

/** The first value at or after a step. */
const valueFrom = ({ values }: TrialCurve, step: number): number | undefined =>
  values.find((each) => each.step >= step)?.value;

function cutoffOf(values: readonly number[], eta: number): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return sorted[Math.max(0, Math.floor(values.length / eta) - 1)] ?? Infinity;
}
