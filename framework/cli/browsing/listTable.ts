import { textTable } from "../../base/textTable.ts";
import type { Frame, FrameColumn } from "../../store/frame.ts";
import type { GroupCell, NumbersCell } from "../../store/groupCell.ts";
import type { Cell, ColumnName, IndexedRun } from "../../store/indexedRun.ts";
import { queryTable, type SortKey, type TableRow } from "../../store/tableQuery.ts";
import { frameLines } from "../../store/writeFrame.ts";
import type { OpenedRuns } from "./openRuns.ts";
import { cellText } from "./tableOptions.ts";

export interface ListOptions {
  readonly filter: string;
  /** Empty: those that tell most. */
  readonly columns: readonly ColumnName[];
  readonly sort: readonly SortKey[];
  readonly groupBy: readonly ColumnName[];
  readonly archived: boolean;
  readonly limit: number;
  readonly format: "text" | "csv" | "json";
}

/** The run table as lines. */
export function listTable({ index, at }: OpenedRuns, options: ListOptions): Iterable<string> {
  const chosen = options.columns.length > 0 ? options.columns : usualColumns(index.runs());
  const columns = [...new Set([...options.groupBy, ...chosen])];
  const query = { ...options, sort: [...options.sort], groupBy: [...options.groupBy] };
  const { rows } = queryTable(index.runs(), { ...query, columns, offset: 0 }, at);
  return format(columns, rows, options);
}

function format(
  columns: readonly ColumnName[],
  rows: readonly TableRow[],
  { format: kind, groupBy }: ListOptions,
): Iterable<string> {
  const isGrouped = groupBy.length > 0;
  if (kind === "text") return textLines(columns, rows, isGrouped);
  const frame = isGrouped ? groupFrame(columns, rows) : plainFrame(columns, rows);
  return frameLines(frame, kind);
}

function textLines(
  columns: readonly ColumnName[],
  rows: readonly TableRow[],
  isGrouped: boolean,
): string[] {
  if (rows.length === 0) return ["No run is like this"];
  const numbers = columns.flatMap((_, i) =>
    rows.every(({ cells }) => isNumeric(cells[i]!)) ? [i] : [],
  );
  const count = (row: TableRow): string[] => (isGrouped ? [String(row.count)] : []);
  const head = [...columns.map(shortName), ...(isGrouped ? ["n"] : [])];
  const lines = rows.map((row) => [...row.cells.map(cellText), ...count(row)]);
  return textTable([head, ...lines], [...numbers, ...(isGrouped ? [columns.length] : [])]);
}

const isNumeric = (cell: Cell | GroupCell): boolean => cell === null || typeof cell === "number";

const shortName = (name: ColumnName): string => name.replace(/^(config|metrics|summary)\./, "");

const textColumn = (name: string): FrameColumn => ({ name, kind: "text" });

function plainFrame(columns: readonly ColumnName[], rows: readonly TableRow[]): Frame {
  return { columns: columns.map(textColumn), rows: rows.map(({ cells }) => cells.map(plainCell)) };
}

/** A group's numbers in columns of their own, where any row has some. */
function groupFrame(columns: readonly ColumnName[], rows: readonly TableRow[]): Frame {
  const parts = ["mean", "deviation", "min", "max", "count"] as const;
  const isWide = columns.map((_, i) => rows.some(({ cells }) => hasMean(cells[i]!)));
  const cellsOf = (cell: Cell | GroupCell, i: number): Cell[] => {
    if (!isWide[i]) return [plainCell(cell)];
    return parts.map((part) => (hasMean(cell) ? cell[part] : null));
  };
  const names = columns.flatMap((name, i) =>
    isWide[i] ? parts.map((part) => `${name}.${part}`) : [name],
  );
  return {
    columns: [...names, "runs"].map(textColumn),
    rows: rows.map(({ cells, count }) => [...cells.flatMap(cellsOf), count]),
  };
}

function hasMean(cell: Cell | GroupCell): cell is NumbersCell {
  return typeof cell === "object" && cell !== null && "mean" in cell;
}

/** Several values as JSON text. */
function plainCell(cell: Cell | GroupCell): Cell {
  if (cell === null || typeof cell !== "object") return cell;
  return hasMean(cell) ? cell.mean : JSON.stringify(cell.values);
}

/** Who and how far, and the metrics that tell most. */
export function usualColumns(runs: readonly IndexedRun[]): ColumnName[] {
  const metrics = ["val/accuracy", "val/loss", "train/loss", "loss", "accuracy"]
    .filter((name) => runs.some((run) => Object.hasOwn(run.metrics, name)))
    .slice(0, 2);
  const hasTags = runs.some(({ tags }) => tags.length > 0);
  return [
    ...["id", "name", "status", "step", "startedAt"],
    ...metrics.map((name) => `metrics.${name}`),
    ...(hasTags ? ["tags"] : []),
  ];
}
