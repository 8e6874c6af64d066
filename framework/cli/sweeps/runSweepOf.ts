import { plainPoint } from "../../sweep/point.ts";
import type { Trial, TrialPlan } from "../../sweep/trialPlan.ts";
import type { RunSweep } from "../../tracking/runManifest.ts";

/** What a trial's run says of its part in the sweep. */
export function runSweepOf({ id, spec: { name } }: TrialPlan, trial: Trial): RunSweep {
  const { index, group, point } = trial;
  return { id, name, trial: index + 1, group, parameters: plainPoint(point) };
}
