import type { MedianSpec } from "../../spec/sweepSpec.ts";
import type { Pruner, TrialCurve } from "../pruner.ts";

/**
 * Stops a trial whose best value so far is worse than the median of what finished trials had at the
 * same step.
 *
 * Source: Golovin et al. 2017, "Google Vizier", section 3.2.2, as in Optuna 4.9.
 */
export function medianPruner({
  startup_trials: startupTrials,
  warmup_steps: warmupSteps,
  min_trials: minTrials,
}: MedianSpec): Pruner {
  return {
    name: "median",
    reasonToStop(trial, all) {
      const { step } = trial.values.at(-1) ?? {};
      const finished = all.filter(({ isFinished }) => isFinished);
      const isEarly = finished.length < Math.max(startupTrials, 1);
      if (step === undefined || isEarly || step < warmupSteps) return undefined;
      const others = finished.flatMap((curve) => valueAt(curve, step) ?? []);
      if (others.length < minTrials || others.length === 0) return undefined;
      return compare(bestOf(trial), medianOf(others), step);
    },
  };
}

function compare(best: number | undefined, median: number, step: number): string | undefined {
  if (best !== undefined && best <= median) return undefined;
  return `median at step ${step}: the best is ${best}, above ${median}`;
}

/** NaN is passed over. */
function valueAt({ values }: TrialCurve, step: number): number | undefined {
  const value = values.findLast((each) => each.step === step)?.value;
  return Number.isNaN(value) ? undefined : value;
}

function bestOf({ values }: TrialCurve): number | undefined {
  const numbers = values.map(({ value }) => value).filter((value) => !Number.isNaN(value));
  return numbers.length > 0 ? Math.min(...numbers) : undefined;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
