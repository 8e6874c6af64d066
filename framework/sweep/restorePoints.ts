import type { SweepFolder } from "./sweepFolder.ts";
import type { TrialPlan } from "./trialPlan.ts";

/**
 * Gives a plan the points that it does not have yet: those that its searcher has learnt, here or in other
 * processes, and those that were added.
 */
export function restorePoints(plan: TrialPlan, folder: SweepFolder): void {
  if (plan.independent === undefined) {
    const perPoint = plan.spec.seeds ?? 1;
    for (const { trial, point } of folder.additions(plan.id).slice(plan.addedCount)) {
      plan.add(Math.floor((trial - 1) / perPoint), point);
    }
    return;
  }
  for (const { event, point } of folder.suggestions(plan.id).slice(plan.pointCount)) {
    if (event === "added") plan.add(plan.pointCount, point);
    else plan.restore(point);
  }
}
