import type { ChartPoint, ReportBlock } from "../../../report/report.ts";
import type { SweepMetric } from "../../../spec/sweepSpec.ts";
import type { FoundPoint } from "./foundPoints.ts";
import type { ReportedSweep } from "./reportedSweep.ts";

/** Of several objectives, the points that no other one is better than in all, over each pair with the first. */
export function paretoBlocks({ plan, points, summary: { front } }: ReportedSweep): ReportBlock[] {
  const [first, ...others] = plan.spec.objectives;
  if (!first || others.length === 0) return [];
  const [onFront, behind] = [true, false].map((wanted) =>
    points.filter(({ summary }) => front.has(summary) === wanted),
  );
  return [
    { kind: "heading", text: "Pareto front" },
    {
      kind: "text",
      text: `${onFront!.length} of ${points.length} points are such that none is better in every metric; the grey ones are not.`,
    },
    ...others.map((other, i): ReportBlock => ({
      kind: "chart",
      name: `pareto-${i + 1}`,
      x: axisName(first),
      y: axisName(other),
      points: onFront!.flatMap((point) => placeOf(point, first, other)),
      others: behind!.flatMap((point) => placeOf(point, first, other)),
    })),
  ];
}

const axisName = ({ name, goal }: SweepMetric): string =>
  `${name} (${goal === "minimize" ? "less" : "more"} is better)`;

function placeOf(
  { label, summary }: FoundPoint,
  across: SweepMetric,
  up: SweepMetric,
): ChartPoint[] {
  const [x, y] = [summary.metrics.get(across.name), summary.metrics.get(up.name)];
  return x && y ? [{ label, x, y }] : [];
}
