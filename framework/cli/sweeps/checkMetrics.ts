import { InputError } from "../../base/errors.ts";
import { suggest } from "../../base/nearest.ts";
import type { SweepSummary } from "../../sweep/analysis/sweepSummary.ts";
import type { TrialPlan } from "../../sweep/trialPlan.ts";

/** @throws {InputError} for a metric that was asked for and no finished trial has */
export function checkMetrics({ spec }: TrialPlan, { missing: [missing] }: SweepSummary): void {
  if (!missing) return;
  throw new InputError(
    `Cannot report on ${spec.name}: no finished trial has the metric "${missing.name}"${suggest(missing.name, missing.known)}`,
  );
}
