import type { MeanAndDeviation } from "../../../base/meanAndDeviation.ts";
import type { ReportBlock, ReportCell } from "../../../report/report.ts";
import { confidencePercent, type MeanInterval } from "../../../sweep/analysis/meanInterval.ts";
import { variedParameters } from "../../../sweep/pointLabels.ts";
import { formatNumber } from "./formatNumber.ts";
import { cellText, shortName, type FoundPoint } from "./foundPoints.ts";
import type { ReportedSweep } from "./reportedSweep.ts";

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
  const parameters = variedParameters(plan.spec).map(shortName);
  const columns = [
    ...parameters,
    metric.name,
    `${confidencePercent} % interval`,
    ...others,
    "runs",
  ];
  return [
    { kind: "heading", text: "Results" },
    {
      kind: "text",
      text: `${shown.length < ranked.length ? `The best ${shown.length} of ${ranked.length} points` : "All points"}, the best first${plan.spec.seeds === undefined ? "" : "; ± is the standard deviation over seeds"}.`,
    },
    {
      kind: "table",
      corner: "place",
      columns: columns.map((label) => ({ label })),
      rows: shown.map((point, i) => ({
        label: String(i + 1),
        cells: cellsOf(point, byPoint.get(point)!, others),
      })),
    },
  ];
}

function cellsOf(
  { parameters, summary }: FoundPoint,
  { mean, low, high, count }: MeanInterval,
  others: readonly string[],
): ReportCell[] {
  const isKnown = low !== undefined && high !== undefined;
  return [
    ...parameters.map(cellText),
    formatNumber(mean),
    isKnown ? `${formatNumber(low)} to ${formatNumber(high)}` : undefined,
    ...others.map((name) => meanText(summary.metrics.get(name))),
    String(count),
  ];
}

function meanText(value: MeanAndDeviation | undefined): string | undefined {
  if (!value) return undefined;
  const { mean, deviation } = value;
  return deviation === undefined
    ? formatNumber(mean)
    : `${formatNumber(mean)} ± ${formatNumber(deviation)}`;
}
