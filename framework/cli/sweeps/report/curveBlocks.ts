import type { ReportBlock } from "../../../report/report.ts";
import { learningCurve, type LoggedCurve } from "../../../sweep/analysis/learningCurve.ts";
import { readMetrics } from "../../../tracking/metricsFile.ts";
import type { FoundPoint } from "./foundPoints.ts";
import type { ReportedSweep } from "./reportedSweep.ts";

const mostCurves = 5;

/** How the best points learned the metric, where runs have logged it. */
export function curveBlocks({ points, folder, metric }: ReportedSweep): ReportBlock[] {
  const best = points.filter(({ values }) => values.size > 0).slice(0, mostCurves);
  const lines = best.flatMap((point) => {
    const { steps, mean, deviation } = learningCurve(
      runsOf(point).map((id) => loggedCurve(folder.runFolder(id), metric.name)),
    );
    if (steps.length < 2) return [];
    return [
      {
        label: point.label,
        x: steps,
        y: mean,
        lower: mean.map((each, i) => each - deviation[i]!),
        upper: mean.map((each, i) => each + deviation[i]!),
      },
    ];
  });
  if (lines.length === 0) return [];
  return [
    { kind: "heading", text: "Learning curves" },
    {
      kind: "text",
      text: `The best ${lines.length} points: means over their seeds, and bands of one standard deviation.`,
    },
    { kind: "lines", name: "learning-curves", x: "step", y: metric.name, lines },
  ];
}

function runsOf({ summary }: FoundPoint): string[] {
  return summary.trials.filter(({ status }) => status === "finished").map(({ trial }) => trial.id);
}

function loggedCurve(folder: string, name: string): LoggedCurve {
  return new Map(
    readMetrics(folder).flatMap(({ step, metrics }) => {
      const value = metrics[name];
      return value === undefined ? [] : [[step, value] as const];
    }),
  );
}
