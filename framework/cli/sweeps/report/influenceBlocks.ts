import type { ReportBlock } from "../../../report/report.ts";
import {
  importanceMethods,
  leastRuns,
  type AnalysedParameter,
  type SweepInfluence,
} from "../../../sweep/analysis/analyseSweep.ts";
import type { ReportedSweep } from "./reportedSweep.ts";

/** What decides the metric, by every method, and how it depends on each parameter. */
export function influenceBlocks({ analysis, metric }: ReportedSweep): ReportBlock[] {
  const heading: ReportBlock = { kind: "heading", text: "Importance of parameters" };
  const { influence, runs } = analysis;
  if (!influence) {
    const text = `Not enough runs: ${runs} finished ones have ${metric.name}, and importance needs ${leastRuns} of several points.`;
    return [heading, { kind: "text", text }];
  }
  const ordered = influence.parameters.toSorted(
    (a, b) => b.importance.fanova - a.importance.fanova,
  );
  return [
    heading,
    {
      kind: "text",
      text: "Three methods answer three questions; each shares out 1 among the parameters.",
      terms: importanceMethods.map(({ name, question }) => [name, question]),
    },
    importanceTable(ordered),
    {
      kind: "bars",
      name: "importance",
      x: "importance",
      names: ordered.map(({ name }) => name),
      series: importanceMethods.map(({ key, name, question }) => ({
        label: `${name}: ${question}`,
        values: ordered.map(({ importance }) => importance[key]),
      })),
    },
    { kind: "text", text: trustText(influence) },
    { kind: "heading", text: "Partial dependence" },
    {
      kind: "text",
      text: `${metric.name} over one parameter, averaged over the whole space of the others; the band is the standard deviation between the forest's trees.`,
    },
    ...ordered.map((parameter, i) => dependenceChart(parameter, i, metric.name)),
  ];
}

function importanceTable(parameters: readonly AnalysedParameter[]): ReportBlock {
  return {
    kind: "table",
    corner: "parameter",
    columns: [...importanceMethods.map(({ name }) => name), "rank correlation"].map((label) => ({
      label,
      digits: 2,
    })),
    rows: parameters.map(({ name, importance, correlation }) => ({
      label: name,
      cells: [
        ...importanceMethods.map(({ key }) => ({ mean: importance[key] })),
        correlation === null ? undefined : { mean: correlation },
      ],
    })),
  };
}

function trustText({ foretold, together }: SweepInfluence): string {
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  const known =
    foretold === undefined
      ? ""
      : `The forest behind fANOVA and permutation foretells ${percent(Math.max(0, foretold))} of the variance of points that it has not seen${foretold < 0.3 ? ", so little of what it says is sure" : ""}. `;
  return `${known}${percent(together)} of the variance that it sees comes of parameters together, and of none alone.`;
}

function dependenceChart(
  { name, dependence }: AnalysedParameter,
  index: number,
  metric: string,
): ReportBlock {
  const { at, mean, deviation, isLog } = dependence;
  const numbers = at.filter((each) => typeof each === "number");
  const isNumeric = numbers.length === at.length;
  return {
    kind: "lines",
    name: `dependence-${index + 1}`,
    x: name,
    y: metric,
    lines: [
      {
        label: "",
        x: isNumeric ? numbers : at.map((_, i) => i),
        y: mean,
        lower: mean.map((each, i) => each - deviation[i]!),
        upper: mean.map((each, i) => each + deviation[i]!),
      },
    ],
    ...(isNumeric ? { xIsLog: isLog } : { xNames: at.map(String) }),
  };
}
