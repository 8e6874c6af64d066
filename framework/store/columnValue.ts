import type { Cell, ColumnName, IndexedRun, MetricSummary } from "./indexedRun.ts";

/** A metric's value at the last step up to one; undefined where there is none. */
export type ValueAtStep = (run: IndexedRun, metric: string, step: number) => number | undefined;

/** What a column's name means. */
export type Column =
  | { readonly kind: "config" | "summary"; readonly key: string }
  | { readonly kind: "metric"; readonly key: string; readonly aspect: keyof MetricSummary }
  | { readonly kind: "metricAt"; readonly key: string; readonly step: number }
  | { readonly kind: "run"; readonly read: (run: IndexedRun) => Cell };

const runColumns: ReadonlyMap<string, (run: IndexedRun) => Cell> = new Map<
  string,
  (run: IndexedRun) => Cell
>([
  ["id", (run) => run.id],
  ["name", (run) => run.name],
  ["title", (run) => run.title],
  ["status", (run) => run.status],
  ["startedAt", (run) => run.startedAt],
  ["endedAt", (run) => run.endedAt],
  ["durationSeconds", (run) => run.durationSeconds],
  ["seed", (run) => run.seed],
  ["step", (run) => run.step],
  ["source", (run) => run.source],
  ["group", (run) => run.group],
  ["sweep", (run) => run.sweep?.name ?? null],
  ["trial", (run) => run.sweep?.trial ?? null],
  ["tags", (run) => (run.tags.length > 0 ? run.tags.join(", ") : null)],
  ["notes", (run) => (run.notes === "" ? null : run.notes)],
  ["starred", (run) => run.starred],
  ["archived", (run) => run.archived],
  ["colour", (run) => run.colour],
]);

/** Columns that every run has. */
export const runColumnNames: readonly ColumnName[] = [...runColumns.keys()];

const prefixed = /^(config|metrics|summary)\.(.+)$/s;
const withAspect = /^(.+):(last|lastStep|min|minStep|max|maxStep|count|at\((\d+)\))$/s;

/** Undefined for a name that is none of a column. */
export function parseColumn(name: ColumnName): Column | undefined {
  const read = runColumns.get(name);
  if (read) return { kind: "run", read };
  const [, prefix, key] = prefixed.exec(name) ?? [];
  if (key === undefined) return undefined;
  if (prefix === "config" || prefix === "summary") return { kind: prefix, key };
  const [, metric, aspect, step] = withAspect.exec(key) ?? [];
  if (metric === undefined) return { kind: "metric", key, aspect: "last" };
  if (step !== undefined) return { kind: "metricAt", key: metric, step: Number(step) };
  return { kind: "metric", key: metric, aspect: isAspect(aspect) ? aspect : "last" };
}

function isAspect(text: string | undefined): text is keyof MetricSummary {
  return text !== undefined && !text.startsWith("at(");
}

/**
 * A column's value for a run; null for what the run does not have.
 *
 * @param at looks into curves, for `:at(step)`; without it that is null
 */
export function valueOf(run: IndexedRun, column: Column, at?: ValueAtStep): Cell {
  switch (column.kind) {
    case "run":
      return column.read(run);
    case "config":
    case "summary":
      return own(run[column.kind], column.key) ?? null;
    case "metric":
      return own(run.metrics, column.key)?.[column.aspect] ?? null;
    case "metricAt":
      return own(run.metrics, column.key) ? (at?.(run, column.key, column.step) ?? null) : null;
  }
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
