import { formatDuration } from "../../../base/formatDuration.ts";
import type { ReportBlock } from "../../../report/report.ts";
import { sweepCost } from "../../../sweep/analysis/sweepCost.ts";
import { readMetrics } from "../../../tracking/metricsFile.ts";
import type { ReportedSweep } from "./reportedSweep.ts";

/** What the sweep has cost, and what stopping runs early has saved. */
export function costBlocks({ summary, folder }: ReportedSweep): ReportBlock[] {
  const cost = sweepCost(
    summary.trials.map(({ trial, status, record }) => ({
      status,
      seconds: record.seconds,
      steps: status === "waiting" ? 0 : (readMetrics(folder.runFolder(trial.id)).at(-1)?.step ?? 0),
    })),
  );
  const cells = (runs: number, seconds: number, steps: number): string[] => [
    String(runs),
    formatDuration(seconds),
    steps.toLocaleString("en-US"),
  ];
  const { saved } = cost;
  return [
    { kind: "heading", text: "Cost" },
    {
      kind: "table",
      corner: "",
      columns: ["runs", "time", "steps"].map((label) => ({ label })),
      rows: [
        ...[...cost.byStatus].map(([label, { runs, seconds, steps }]) => ({
          label,
          cells: cells(runs, seconds, steps),
        })),
        { label: "all", cells: cells(cost.runs, cost.seconds, cost.steps) },
      ],
    },
    ...(saved
      ? [
          {
            kind: "text" as const,
            text: `Stopping runs early has saved about ${saved.steps.toLocaleString("en-US")} steps and ${formatDuration(saved.seconds)}: up to the median finished run's steps, at each run's own pace.`,
          },
        ]
      : []),
  ];
}
