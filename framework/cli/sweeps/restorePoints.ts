import type { SweepFolder } from "../../sweep/sweepFolder.ts";
import type { TrialPlan } from "../../sweep/trialPlan.ts";

/** Gives a fresh plan the points that its searcher has learnt in earlier processes. */
export function restorePoints(plan: TrialPlan, folder: SweepFolder): void {
  for (const point of folder.suggestions(plan.id)) plan.restore(point);
}
