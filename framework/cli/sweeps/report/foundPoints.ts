import { toPlain } from "../../../spec/specNode.ts";
import type { SweepParameter } from "../../../spec/sweepParameters.ts";
import type { AnalysedPoint } from "../../../sweep/analysis/analysedPoint.ts";
import type { Cell } from "../../../sweep/analysis/observedParameter.ts";
import type { PointSummary, SweepSummary } from "../../../sweep/analysis/sweepSummary.ts";
import type { Point } from "../../../sweep/point.ts";
import { parameterLabel, valueLabel, variedParameters } from "../../../sweep/pointLabels.ts";
import type { TrialPlan } from "../../../sweep/trialPlan.ts";
import { formatNumber } from "./formatNumber.ts";

/** A point with all that its runs have found. */
export interface FoundPoint extends AnalysedPoint {
  readonly summary: PointSummary;
}

/** The points of a summary, as they are analysed by one metric. */
export function foundPoints(
  { spec }: TrialPlan,
  { points }: SweepSummary,
  metric: string,
): FoundPoint[] {
  const parameters = variedParameters(spec);
  return points.flatMap((summary): FoundPoint[] => {
    const [first] = summary.trials;
    if (!first) return [];
    const { point } = first.trial;
    return [
      {
        label: pointLabel(parameters, point),
        parameters: parameters.map((parameter) => cellOf(parameter, point)),
        values: valuesBySeed(summary, metric),
        summary,
      },
    ];
  });
}

function pointLabel(parameters: readonly SweepParameter[], point: Point): string {
  const used = parameters.filter(({ name }) => point.has(name));
  const words = used.map((each) => `${shortName(each)} ${cellText(cellOf(each, point))}`);
  return words.join(", ") || "the only point";
}

/** The last part of a parameter's name. */
export const shortName = (parameter: SweepParameter): string =>
  parameterLabel(parameter).split(".").at(-1)!;

/** A value as tables show it. */
export function cellText(cell: Cell): string {
  if (cell === null) return "not in use";
  return typeof cell === "number" ? formatNumber(cell) : String(cell);
}

function cellOf(parameter: SweepParameter, point: Point): Cell {
  const node = point.get(parameter.name);
  if (!node) return null;
  const value = toPlain(node);
  return typeof value === "number" && !parameter.labels ? value : valueLabel(parameter, point);
}

function valuesBySeed({ trials }: PointSummary, metric: string): Map<number, number> {
  return new Map(
    trials.flatMap(({ trial, record, metrics }) => {
      const value = metrics.get(metric);
      const seed = trial.seed ?? record.manifest?.seed ?? 0;
      return value === undefined ? [] : [[seed, value] as const];
    }),
  );
}
