import type { Cell, ColumnName, IndexedRun } from "./indexedRun.ts";

export interface ColumnInfo {
  /** With the prefix: `config.seed`. */
  name: ColumnName;
  runs: number;
  kind: "number" | "text" | "boolean" | "mixed";
  /** Different values, counted up to 1,001. */
  distinct: number;
}

/** Columns that some runs have, beside those that every run has; by name. */
export interface ColumnList {
  config: ColumnInfo[];
  metrics: ColumnInfo[];
  summary: ColumnInfo[];
}

const mostDistinct = 1001;

/** What columns there are, and how many of the runs have each. */
export function listColumns(runs: readonly IndexedRun[]): ColumnList {
  const [config, metrics, summary] = [
    new Tally("config"),
    new Tally("metrics"),
    new Tally("summary"),
  ];
  for (const run of runs) {
    for (const name in run.config) config.add(name, run.config[name]!);
    for (const name in run.metrics) metrics.add(name, run.metrics[name]!.last);
    for (const name in run.summary) summary.add(name, run.summary[name]!);
  }
  return { config: config.list(), metrics: metrics.list(), summary: summary.list() };
}

interface Counted {
  runs: number;
  readonly kinds: Set<ColumnInfo["kind"]>;
  readonly values: Set<Cell>;
}

class Tally {
  readonly #prefix: string;
  readonly #columns = new Map<string, Counted>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  add(name: string, value: Cell): void {
    let column = this.#columns.get(name);
    if (!column)
      this.#columns.set(name, (column = { runs: 0, kinds: new Set(), values: new Set() }));
    column.runs++;
    if (value !== null) column.kinds.add(kindOf(value));
    if (column.values.size < mostDistinct) column.values.add(value);
  }

  list(): ColumnInfo[] {
    const columns = [...this.#columns].map(([name, { runs, kinds, values }]): ColumnInfo => {
      const [kind = "text"] = kinds.size > 1 ? ["mixed" as const] : kinds;
      return { name: `${this.#prefix}.${name}`, runs, kind, distinct: values.size };
    });
    return columns.sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

function kindOf(value: Exclude<Cell, null>): ColumnInfo["kind"] {
  if (typeof value === "number") return "number";
  return typeof value === "boolean" ? "boolean" : "text";
}
