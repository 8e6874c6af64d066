import { recallPoint } from "./recordedPoint.ts";
import type { SweepFolder } from "./sweepFolder.ts";
import type { Trial, TrialPlan } from "./trialPlan.ts";

/** A trial with the values that it has now: those of a population change. */
export function currentTrial(plan: TrialPlan, folder: SweepFolder, trial: Trial): Trial {
  const changed = folder.decisions(trial.id).findLast(({ point }) => point !== undefined);
  return changed?.point ? { ...trial, point: recallPoint(plan.spec, changed.point) } : trial;
}
