import type { SweepMetric } from "../../../spec/sweepSpec.ts";
import type { SweepAnalysis } from "../../../sweep/analysis/analyseSweep.ts";
import type { SweepSummary } from "../../../sweep/analysis/sweepSummary.ts";
import type { SweepFolder } from "../../../sweep/sweepFolder.ts";
import type { TrialPlan } from "../../../sweep/trialPlan.ts";
import type { FoundPoint } from "./foundPoints.ts";

/** What a report's parts are made of. */
export interface ReportedSweep {
  readonly plan: TrialPlan;
  readonly folder: SweepFolder;
  readonly summary: SweepSummary;
  /** The first objective, by which everything is judged but the Pareto front. */
  readonly metric: SweepMetric;
  /** Metrics to show, the sweep's own first. */
  readonly names: readonly string[];
  /** The best first. */
  readonly points: readonly FoundPoint[];
  readonly analysis: SweepAnalysis;
}
