import type { ParallelAxis, ReportBlock } from "../../../report/report.ts";
import { evenRuler, logRuler, nameRuler, type Ruler } from "../../../report/rulers.ts";
import { meanOf } from "../../../sweep/analysis/analysedPoint.ts";
import { observedParameter, type Cell } from "../../../sweep/analysis/observedParameter.ts";
import { variedParameters } from "../../../sweep/pointLabels.ts";
import { shortName } from "./foundPoints.ts";
import type { ReportedSweep } from "./reportedSweep.ts";

interface Column {
  readonly axis: ParallelAxis;
  readonly places: readonly (number | undefined)[];
}

/** A line for each point across its parameters to the metric. */
export function parallelBlocks({ plan, analysis, metric }: ReportedSweep): ReportBlock[] {
  const points = analysis.ranking.map(({ point }) => point);
  if (points.length < 2) return [];
  const columns = [
    ...variedParameters(plan.spec).map((parameter, i) =>
      columnOf(
        shortName(parameter),
        points.map(({ parameters }) => parameters[i] ?? null),
      ),
    ),
    columnOf(metric.name, points.map(meanOf)),
  ];
  const lines = points.map(({ label }, i) => ({
    label,
    places: columns.map(({ places }) => places[i]),
    rank: i / (points.length - 1),
  }));
  return [
    { kind: "heading", text: "Parallel coordinates" },
    { kind: "text", text: "A line for each point: orange for the best, blue for the worst." },
    {
      kind: "parallel",
      name: "parallel",
      axes: columns.map(({ axis }) => axis),
      lines: lines.toReversed(),
    },
  ];
}

function columnOf(label: string, cells: readonly Cell[]): Column {
  const { range, values } = observedParameter(cells);
  const names = [...new Set(cells)].map((cell) => (cell === null ? "not in use" : String(cell)));
  const ruler: Ruler =
    range.kind === "choices"
      ? nameRuler(names)
      : (range.isLog ? logRuler : evenRuler)([range.low, range.high]);
  return {
    axis: {
      label,
      marks: ruler.marks.map(({ value, text }) => ({ place: ruler.place(value), text })),
    },
    places: values.map((value) => (Number.isNaN(value) ? undefined : ruler.place(value))),
  };
}
