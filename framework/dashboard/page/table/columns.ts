import type { ColumnName } from "../../../store/indexedRun.ts";
import type { ColumnInfo, ColumnsAnswer } from "../../api.ts";
import { groupOf, groupPlace } from "../charts/metricGroups.ts";

/** Columns that every run has, with their names on the page. */
export const runColumns: Readonly<Record<string, string>> = {
  status: "Status",
  startedAt: "Started",
  durationSeconds: "Duration",
  step: "Step",
  seed: "Seed",
  tags: "Tags",
  notes: "Notes",
  name: "Experiment",
  id: "Id",
  group: "Group",
  sweep: "Sweep",
  trial: "Trial",
  source: "Source",
  endedAt: "Ended",
  starred: "Starred",
  archived: "Archived",
};

/** What of a metric a column shows. */
export type MetricPart =
  | "last"
  | "min"
  | "max"
  | "minStep"
  | "maxStep"
  | "lastStep"
  | "count"
  | "at";

export interface MetricColumn {
  readonly metric: string;
  readonly part: MetricPart;
  /** With `at`: the value at the last step up to this. */
  readonly step: number | null;
}

const partPattern = /:(?:(min|max|minStep|maxStep|lastStep|count)|at\((\d+)\))$/;

/** `metrics.val/loss:min`; null for a column that is no metric's. */
export function parseMetricColumn(column: ColumnName): MetricColumn | null {
  if (!column.startsWith("metrics.")) return null;
  const match = partPattern.exec(column);
  const metric = column.slice("metrics.".length, match?.index);
  if (match?.[2] !== undefined) return { metric, part: "at", step: Number(match[2]) };
  const part = partNames.find((name) => name === match?.[1]) ?? "last";
  return { metric, part, step: null };
}

const partNames: readonly MetricPart[] = ["min", "max", "minStep", "maxStep", "lastStep", "count"];

export function formatMetricColumn({ metric, part, step }: MetricColumn): ColumnName {
  const suffix = part === "last" ? "" : part === "at" ? `:at(${step ?? 0})` : `:${part}`;
  return `metrics.${metric}${suffix}`;
}

const partLabels: Readonly<Record<MetricPart, string>> = {
  last: "",
  min: "min",
  max: "max",
  minStep: "step of min",
  maxStep: "step of max",
  lastStep: "last step",
  count: "count",
  at: "at",
};

/** A column's name for its head, and what qualifies it: `val/loss`, `min`. */
export function columnLabel(column: ColumnName): { label: string; detail: string } {
  const metric = parseMetricColumn(column);
  if (metric) {
    const detail = metric.part === "at" ? `at ${metric.step}` : partLabels[metric.part];
    return { label: metric.metric, detail };
  }
  if (column.startsWith("config.")) {
    const parts = column.slice("config.".length).split(".");
    return { label: parts.at(-1) ?? column, detail: parts.slice(-3, -1).join(".") };
  }
  if (column.startsWith("summary.")) {
    return { label: column.slice("summary.".length), detail: "summary" };
  }
  return { label: runColumns[column] ?? column, detail: "" };
}

const numericColumns = new Set([
  "startedAt",
  "endedAt",
  "durationSeconds",
  "step",
  "seed",
  "trial",
]);

/** Whether a column's values stand to the right. */
export function isNumeric(column: ColumnName, columns: ColumnsAnswer): boolean {
  if (column.startsWith("metrics.") || numericColumns.has(column)) return true;
  const known = [...columns.config, ...columns.summary].find(({ name }) => name === column);
  return known?.kind === "number";
}

const wideColumns: Readonly<Record<string, number>> = {
  status: 108,
  tags: 160,
  notes: 200,
  id: 200,
};

/** In pixels: room for the label and for a number with its spread. */
export function columnWidth(column: ColumnName, grouped: boolean): number {
  const { label, detail } = columnLabel(column);
  const smallest = grouped ? 152 : (wideColumns[column] ?? 92);
  return Math.min(208, Math.max(smallest, 28 + 7 * label.length, 28 + 6 * detail.length));
}

/** What the run's name says, or is too long for a column. */
const said = new Set(
  ["seed", "name", "experiment", "description", "tags"].map((key) => `config.${key}`),
);
const shownSettings = 4;
const shownMetrics = 6;

/** The columns to begin with: settings that differ, and metrics that most runs have. */
export function defaultColumns({ config, metrics }: ColumnsAnswer): ColumnName[] {
  const settings = config.filter(({ distinct, name }) => distinct > 1 && !said.has(name));
  return [
    ...["status", "startedAt", "durationSeconds", "step"],
    ...names(byRuns(settings).slice(0, shownSettings)),
    ...names(byPlace(byRuns(metrics)).slice(0, shownMetrics)),
    "tags",
  ];
}

const mostSettings = 8;

/** What tells groups of seeds apart: the settings that differ, or else all of them, as a hash. */
export function settingsButSeed({ config }: ColumnsAnswer): ColumnName[] {
  const differing = config.filter(({ distinct, name }) => distinct > 1 && name !== "config.seed");
  return differing.length === 0 || differing.length > mostSettings ? ["group"] : names(differing);
}

const judging = /loss|acc|error|score|fid|reward|perplexity|bpd/i;

/** What runs are judged by before learning rates and thousands of layers' norms. */
function byPlace(metrics: readonly ColumnInfo[]): ColumnInfo[] {
  const place = ({ name }: ColumnInfo): number =>
    groupPlace(groupOf(name.slice("metrics.".length))) + (judging.test(name) ? 0 : 100);
  return metrics.toSorted((a, b) => place(a) - place(b));
}

function byRuns(columns: readonly ColumnInfo[]): ColumnInfo[] {
  return columns.toSorted((a, b) => b.runs - a.runs);
}

function names(columns: readonly ColumnInfo[]): ColumnName[] {
  return columns.map(({ name }) => name);
}
