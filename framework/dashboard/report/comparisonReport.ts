import type { JsonObject } from "../../base/json.ts";
import { meanAndDeviation } from "../../base/meanAndDeviation.ts";
import type {
  Report,
  ReportBlock,
  ReportCell,
  ReportPictures,
  ReportTable,
} from "../../report/report.ts";
import { compareRuns } from "../../store/compareRuns.ts";
import type { Cell, IndexedRun } from "../../store/indexedRun.ts";
import type { Series } from "../../store/series.ts";
import { querySeries, type DrawnCurve } from "../../store/seriesQuery.ts";
import { runGroups, type RunGroup } from "./runGroups.ts";

export interface ComparisonOptions {
  /** Of the report; undefined: how many runs are compared. */
  readonly title: string | undefined;
  /** Metrics to show; undefined: those that most runs have. */
  readonly metrics: readonly string[] | undefined;
  readonly series: Series;
  /** Of the runs, as `runPictures` reads them. */
  readonly pictures: readonly ReportPictures[];
}

/** Metrics that are shown when nobody says which. */
const shownMetrics = 8;
/** Points of a curve in a report. */
const chartPoints = 500;

/**
 * A comparison of runs to hand on: their numbers, means and spreads over seeds, their curves, their
 * last pictures, what was set differently, and what was noted of them.
 */
export function comparisonReport(runs: readonly IndexedRun[], options: ComparisonOptions): Report {
  const groups = runGroups(runs);
  const metrics = options.metrics ?? commonMetrics(runs);
  return {
    title: options.title ?? `Comparison of ${runs.length} runs`,
    blocks: [
      { kind: "text", text: describe(runs, groups) },
      { kind: "heading", text: "Results" },
      resultTable(groups, metrics),
      ...charts(groups, metrics, options.series),
      ...pictureBlocks(options.pictures),
      ...differences(runs),
      ...notes(runs),
    ],
    data: dataOf(groups, metrics),
  };
}

function describe(runs: readonly IndexedRun[], groups: readonly RunGroup[]): string {
  const ids = runs.map(({ id }) => id).join(", ");
  if (groups.length === runs.length) return `Runs: ${ids}`;
  return `Runs: ${ids}. Runs that differ in their seed alone stand together, as mean ± standard deviation; bands show the same.`;
}

/** The most common first, among equals the first logged. */
function commonMetrics(runs: readonly IndexedRun[]): string[] {
  const counts = new Map<string, number>();
  for (const { metrics } of runs) {
    for (const name of Object.keys(metrics)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const names = [...counts].toSorted(([, a], [, b]) => b - a).map(([name]) => name);
  return names.slice(0, shownMetrics);
}

function resultTable(groups: readonly RunGroup[], metrics: readonly string[]): ReportTable {
  const summaries = [
    ...new Set(groups.flatMap(({ runs }) => runs.flatMap(({ summary }) => numbersOf(summary)))),
  ].filter((name) => !metrics.includes(name));
  const columns = ["runs", "status", "step", ...metrics, ...summaries];
  return {
    kind: "table",
    corner: "",
    columns: columns.map((label) => ({ label, digits: label === "step" ? 0 : 4 })),
    rows: groups.map(({ label, runs }) => ({
      label,
      cells: [
        String(runs.length),
        [...new Set(runs.map(({ status }) => status))].join(", "),
        numberCell(runs.map(({ step }) => step)),
        ...metrics.map((name) => numberCell(runs.map((run) => run.metrics[name]?.last))),
        ...summaries.map((name) => numberCell(runs.map(({ summary }) => summary[name]))),
      ],
    })),
  };
}

const numbersOf = (summary: IndexedRun["summary"]): string[] =>
  Object.keys(summary).filter((name) => typeof summary[name] === "number");

function numberCell(values: readonly (Cell | undefined)[]): ReportCell {
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length === 0) return undefined;
  return numbers.every(Number.isFinite)
    ? meanAndDeviation(numbers)
    : numbers.map(String).join(", ");
}

function charts(
  groups: readonly RunGroup[],
  metrics: readonly string[],
  series: Series,
): ReportBlock[] {
  const byKey = new Map(groups.flatMap(({ runs }) => runs.map((run) => [run.key, run] as const)));
  const query = {
    runs: groups.map(({ label, runs }) => ({ label, keys: runs.map(({ key }) => key) })),
    x: "step" as const,
    from: null,
    to: null,
    points: chartPoints,
    band: "deviation" as const,
    smoothing: { kind: "none" as const, weight: 0 },
  };
  const blocks = metrics.flatMap((metric, i): ReportBlock[] => {
    const curves = querySeries({ ...query, metrics: [metric] }, series, (key) => byKey.get(key));
    if (!curves.some(({ x }) => x.length > 1)) return [];
    const lines = curves.map(toLine);
    return [{ kind: "lines", name: `metric-${i + 1}`, x: "step", y: metric, lines }];
  });
  return blocks.length === 0 ? [] : [{ kind: "heading", text: "Curves" }, ...blocks];
}

function toLine({ label, x, y, lower, upper }: DrawnCurve) {
  return { label, x, y, ...(lower && { lower }), ...(upper && { upper }) };
}

function pictureBlocks(pictures: readonly ReportPictures[]): ReportBlock[] {
  return pictures.length === 0 ? [] : [{ kind: "heading", text: "Pictures" }, ...pictures];
}

function differences(runs: readonly IndexedRun[]): ReportBlock[] {
  const titles = { config: "Settings that differ", environment: "Surroundings that differ" };
  return compareRuns(runs).sections.flatMap(({ name, rows }): ReportBlock[] => {
    const differing = rows.filter(({ differs }) => differs);
    if ((name !== "config" && name !== "environment") || differing.length === 0) return [];
    return [
      { kind: "heading", text: titles[name] },
      {
        kind: "table",
        corner: "",
        columns: runs.map(({ title, id }) => ({ label: title ?? id })),
        rows: differing.map((row) => ({
          label: row.name,
          cells: row.values.map((value) => (value === null ? undefined : String(value))),
        })),
      },
    ];
  });
}

function notes(runs: readonly IndexedRun[]): ReportBlock[] {
  const terms = runs.flatMap(({ title, id, tags, notes: said }): [string, string][] => {
    const text = [tags.map((tag) => `#${tag}`).join(" "), said].filter((part) => part !== "");
    return text.length === 0 ? [] : [[title ?? id, text.join("\n")]];
  });
  if (terms.length === 0) return [];
  return [
    { kind: "heading", text: "Notes" },
    { kind: "text", text: "", terms },
  ];
}

function dataOf(groups: readonly RunGroup[], metrics: readonly string[]): JsonObject {
  const last = (run: IndexedRun): JsonObject =>
    Object.fromEntries(
      metrics.flatMap((name) => {
        const value = run.metrics[name]?.last;
        return value === undefined ? [] : [[name, Number.isFinite(value) ? value : String(value)]];
      }),
    );
  return {
    groups: groups.map(({ label, runs }) => ({
      label,
      runs: runs.map((run) => ({ id: run.id, seed: run.seed, step: run.step, metrics: last(run) })),
    })),
  };
}
