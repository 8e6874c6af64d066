import type { PercentileSpec } from "../../spec/earlyTermination.ts";
import type { Pruner, TrialCurve } from "../pruner.ts";

/**
 * Stops a trial whose best value so far is not among the best `percentile` percent of what finished
 * trials had at the same step.
 *
 * Source: Golovin et al. 2017, "Google Vizier", section 3.2.2, as in Optuna 4.9.
 */
export function percentilePruner({
  type,
  percentile,
  startup_trials: startupTrials,
  warmup_steps: warmupSteps,
  min_trials: minTrials,
}: PercentileSpec): Pruner {
  return {
    name: type,
    reasonToStop(trial, all) {
      const { step } = trial.values.at(-1) ?? {};
      const finished = all.filter(({ isFinished }) => isFinished);
      const isEarly = finished.length < Math.max(startupTrials, 1);
      if (step === undefined || isEarly || step < warmupSteps) return undefined;
      const others = finished.flatMap((curve) => valueAt(curve, step) ?? []);
      if (others.length < minTrials || others.length === 0) return undefined;
      const [best, limit] = [bestOf(trial), quantileOf(others, percentile / 100)];
      if (best !== undefined && best <= limit) return undefined;
      return `${type} at step ${step}: the best is ${best}, above ${limit}`;
    },
  };
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

/** Between two values, in proportion. @param share in [0, 1] */
function quantileOf(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
}
