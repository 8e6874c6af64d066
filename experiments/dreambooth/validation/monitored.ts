import type { ExperimentSpec } from "seedbed";

/** Metrics that need pictures of the subject which were never trained on. */
export const relativeMetrics: readonly string[] = [
  "val/fidelity",
  "val/classDrift",
  "val/promptFidelity",
  "val/score",
];
/** All that `validation.metrics` measures. */
export const qualityMetricNames: readonly string[] = [
  ...relativeMetrics,
  "val/subjectSimilarity",
  "val/classSimilarity",
  "val/diversity",
];
/** What `validation.clip` measures. */
export const clipMetricNames: readonly string[] = ["val/clipI", "val/clipT"];

/** Whether a callback or the learning rate's schedule of the spec goes by one of the metrics. */
export function isMonitored(
  { callbacks, lrSchedule }: ExperimentSpec,
  metrics: readonly string[],
): boolean {
  const options = [...callbacks.flatMap((each) => Object.values(each)), lrSchedule];
  return options.some((each) => metrics.some((name) => name === each?.["monitor"]));
}
