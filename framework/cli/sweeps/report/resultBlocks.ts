import type { MeanAndDeviation } from "../../../base/meanAndDeviation.ts";
import type { ReportBlock, ReportRow } from "../../../report/report.ts";
import { confidencePercent, type MeanInterval } from "../../../sweep/analysis/meanInterval.ts";
import { formatNumber } from "./formatNumber.ts";
import type { FoundPoint } from "./foundPoints.ts";
import type { ReportedSweep } from "./sweepReport.ts";

/** Points of the table; report.json has all. */
const mostRows = 25;

/** The best points with how sure their means are. */
export function resultBlocks({
  plan,
  analysis,
  points,
  metric,
  names,
}: ReportedSweep): ReportBlock[] {
  const byPoint = new Map(analysis.ranking.map(({ point, interval }) => [point, interval]));
  const ranked = points.filter((point) => byPoint.has(point));
  const shown = ranked.slice(0, mostRows);
  if (shown.length === 0) return [];
  const others = names.filter((name) => name !== metric.name);
  const columns = [metric.name, `${confidencePercent} % interval`, ...others, "runs"];
  return [
    { kind: "heading", text: "Results" },
    {
      kind: "text",
      text: `${shown.length < ranked.length ? `The best ${shown.length} of ${ranked.length} points` : "All points"}, the best first${plan.spec.seeds === undefined ? "" : "; ± is the standard deviation over seeds"}.`,
    },
    {
      kind: "table",
      corner: "point",
      columns: columns.map((label) => ({ label })),
      rows: shown.map((point) => rowOf(point, byPoint.get(point)!, others)),
    },
  ];
}

function rowOf(
  { label, summary }: FoundPoint,
  interval: MeanInterval,
  others: readonly string[],
): ReportRow {
  const { low, high } = interval;
  const isKnown = low !== undefined && high !== undefined;
  return {
    label,
    cells: [
      formatNumber(interval.mean),
      isKnown ? `${formatNumber(low)} to ${formatNumber(high)}` : undefined,
      ...others.map((name) => meanText(summary.metrics.get(name))),
      String(interval.count),
    ],
  };
}

function meanText(value: MeanAndDeviation | undefined): string | undefined {
  if (!value) return undefined;
  const { mean, deviation } = value;
  return deviation === undefined
    ? formatNumber(mean)
    : `${formatNumber(mean)} ± ${formatNumber(deviation)}`;
}
