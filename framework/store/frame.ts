import { runColumnNames, valueOf, type ValueAtStep } from "./columnValue.ts";
import type { Cell, ColumnName, IndexedRun } from "./indexedRun.ts";
import { listColumns } from "./listColumns.ts";
import type { Series } from "./series.ts";
import { toColumn } from "./tableQuery.ts";

export interface FrameColumn {
  readonly name: string;
  readonly kind: "number" | "text" | "boolean";
}

/** A table as other programs take it: all cells of a column are of its kind, or null. */
export interface Frame {
  readonly columns: readonly FrameColumn[];
  /** Can be gone through once. */
  readonly rows: Iterable<readonly Cell[]>;
}

/** Columns of all that is known of some runs, but curves; of metrics the last values. */
export function allColumns(runs: readonly IndexedRun[]): ColumnName[] {
  const { config, metrics, summary } = listColumns(runs);
  return ["key", ...runColumnNames, ...[...config, ...summary, ...metrics].map(({ name }) => name)];
}

/** A row for each run. `key` is a column, too. */
export function runsFrame(
  runs: readonly IndexedRun[],
  names: readonly ColumnName[],
  at?: ValueAtStep,
): Frame {
  const readers = names.map((name) => {
    if (name === "key") return (run: IndexedRun): Cell => run.key;
    const column = toColumn(name);
    return (run: IndexedRun): Cell => valueOf(run, column, at);
  });
  const columns = names.map((name, i) => ({ name, kind: kindOf(runs.map(readers[i]!)) }));
  return { columns, rows: rowsOf(runs, readers, columns) };
}

function* rowsOf(
  runs: readonly IndexedRun[],
  readers: readonly ((run: IndexedRun) => Cell)[],
  columns: readonly FrameColumn[],
): Generator<Cell[]> {
  for (const run of runs) yield readers.map((read, i) => asKind(read(run), columns[i]!.kind));
}

/** Settings, or what runs ended with, one a row: as text, and as a number where it is one. */
export function entriesFrame(runs: readonly IndexedRun[], section: "config" | "summary"): Frame {
  function* rows(): Generator<Cell[]> {
    for (const run of runs) {
      for (const [key, value] of Object.entries(run[section]))
        yield [run.key, key, asKind(value, "text"), typeof value === "number" ? value : null];
    }
  }
  const columns: FrameColumn[] = [text("run"), text("key"), text("value"), number("number")];
  return { columns, rows: rows() };
}

/** All that was logged, one value a row: run by run, metric by metric. */
export function historyFrame(runs: readonly IndexedRun[], series: Series): Frame {
  function* rows(): Generator<Cell[]> {
    for (const run of runs) {
      for (const metric of series.names(run)) {
        const curve = series.curve(run, metric);
        if (!curve) continue;
        const { step, epoch, time, value } = curve;
        for (let i = 0; i < value.length; i++)
          yield [run.key, metric, step[i]!, known(epoch[i]!), known(time[i]!), value[i]!];
      }
    }
  }
  const columns = [text("run"), text("metric"), ...["step", "epoch", "time", "value"].map(number)];
  return { columns, rows: rows() };
}

const text = (name: string): FrameColumn => ({ name, kind: "text" });
const number = (name: string): FrameColumn => ({ name, kind: "number" });
const known = (value: number): Cell => (Number.isNaN(value) ? null : value);

/** Of all cells; text where they differ. */
function kindOf(cells: readonly Cell[]): FrameColumn["kind"] {
  const present = cells.filter((cell) => cell !== null);
  if (present.length === 0) return "text";
  if (present.every((cell) => typeof cell === "number")) return "number";
  return present.every((cell) => typeof cell === "boolean") ? "boolean" : "text";
}

function asKind(cell: Cell, kind: FrameColumn["kind"]): Cell {
  return cell !== null && kind === "text" ? String(cell) : cell;
}
