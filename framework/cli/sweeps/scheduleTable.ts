import { populationSchedule } from "../../sweep/analysis/populationSchedule.ts";
import { parameterLabel, valueLabel, variedParameters } from "../../sweep/pointLabels.ts";
import type { SweepFolder } from "../../sweep/sweepFolder.ts";
import type { Trial, TrialPlan } from "../../sweep/trialPlan.ts";

/** How a member of a population came to its weights: the values from each step on. */
export function scheduleTable(plan: TrialPlan, folder: SweepFolder, member: Trial): string[][] {
  const parameters = variedParameters(plan.spec);
  const rows = populationSchedule(plan, folder, member).map(({ fromStep, trial, point }) => [
    String(fromStep),
    String(trial.index + 1),
    ...parameters.map((parameter) => valueLabel(parameter, point)),
  ]);
  return [["from step", "trial", ...parameters.map(parameterLabel)], ...rows];
}
