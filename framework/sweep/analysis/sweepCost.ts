import type { TrialStatus } from "../trialRecord.ts";

/** What a run has cost so far. */
export interface RunCost {
  readonly status: TrialStatus;
  readonly seconds: number;
  /** Optimizer steps that were logged. */
  readonly steps: number;
}

export interface SweepCost {
  readonly runs: number;
  readonly seconds: number;
  readonly steps: number;
  /** By what became of the runs, without those that were not started. */
  readonly byStatus: ReadonlyMap<TrialStatus, { runs: number; seconds: number; steps: number }>;
  /** What stopped runs would have cost beyond what they did; undefined where nobody can tell. */
  readonly saved: { readonly seconds: number; readonly steps: number } | undefined;
}

/**
 * Adds up what a sweep has cost, and what stopping runs early has saved: the steps to the median
 * finished run's, at the stopped run's own pace.
 */
export function sweepCost(runs: readonly RunCost[]): SweepCost {
  const started = runs.filter(({ status }) => status !== "waiting");
  const byStatus = new Map<TrialStatus, { runs: number; seconds: number; steps: number }>();
  for (const { status, seconds, steps } of started) {
    const known = byStatus.get(status) ?? { runs: 0, seconds: 0, steps: 0 };
    byStatus.set(status, {
      runs: known.runs + 1,
      seconds: known.seconds + seconds,
      steps: known.steps + steps,
    });
  }
  const total = (of: "seconds" | "steps"): number => started.reduce((sum, run) => sum + run[of], 0);
  return {
    runs: started.length,
    seconds: total("seconds"),
    steps: total("steps"),
    byStatus,
    saved: savedBy(started),
  };
}

function savedBy(runs: readonly RunCost[]): SweepCost["saved"] {
  const whole = runs.filter(({ status }) => status === "finished").map(({ steps }) => steps);
  const pruned = runs.filter(({ status }) => status === "pruned");
  if (whole.length === 0 || pruned.length === 0) return undefined;
  const full = whole.toSorted((a, b) => a - b)[Math.floor(whole.length / 2)]!;
  const saved = { seconds: 0, steps: 0 };
  for (const { seconds, steps } of pruned) {
    const rest = Math.max(0, full - steps);
    saved.steps += rest;
    saved.seconds += steps > 0 ? (seconds / steps) * rest : 0;
  }
  return saved;
}
