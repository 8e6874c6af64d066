import { InputError } from "../base/errors.ts";
import { suggest } from "../base/nearest.ts";
import {
  parseColumn,
  runColumnNames,
  valueOf,
  type Column,
  type ValueAtStep,
} from "./columnValue.ts";
import { compareCells } from "./compareCells.ts";
import { compileFilter } from "./filter.ts";
import { summarizeCells, type GroupCell } from "./groupCell.ts";
import type { Cell, ColumnName, IndexedRun } from "./indexedRun.ts";

export interface SortKey {
  column: ColumnName;
  descending: boolean;
}

/** Asks for a part of the run table. */
export interface TableQuery {
  /** In the filter language; "" for all. */
  filter: string;
  /** Only these runs, such as the members of a group; absent: all. */
  runs?: string[];
  /** Shown columns, in order. */
  columns: ColumnName[];
  /** The first key decides; what is missing comes last in any case. */
  sort: SortKey[];
  /** Rows with any of these runs come before all others, whatever the order; absent: none. */
  pinned?: string[];
  /** Rows that agree in these columns become one. Empty: a row for each run. */
  groupBy: ColumnName[];
  /** Archived runs are among them. */
  archived: boolean;
  offset: number;
  /** Most rows wanted; the dashboard's server gives at most 1,000. */
  limit: number;
}

/** What `queryTable` found. */
export interface Table {
  /** Rows in all, of which `rows` is the part from `offset` on. */
  total: number;
  /** Runs that the filter lets through. */
  runs: number;
  rows: TableRow[];
}

/** A run, or a group of them. */
export interface TableRow {
  /** Of the runs in the row; one alone for a run's row. At most 1,000 are named. */
  keys: string[];
  count: number;
  cells: (Cell | GroupCell)[];
}

const mostKeys = 1000;

/**
 * Filters, groups and sorts runs, and gives the cells of a part of the rows. Runs that nothing puts
 * in order stay in theirs.
 *
 * @param at looks into curves, for columns `:at(step)`
 * @throws {FilterError} when the filter is wrong
 * @throws {InputError} when a column's name is none
 */
export function queryTable(
  runs: readonly IndexedRun[],
  query: TableQuery,
  at?: ValueAtStep,
): Table {
  const isMatch = compileFilter(query.filter, { runs, ...(at && { at }) });
  const wanted = query.runs && new Set(query.runs);
  const matching = runs.filter(
    (run) => (!wanted || wanted.has(run.key)) && (query.archived || !run.archived) && isMatch(run),
  );
  const read = (run: IndexedRun, column: Column): Cell => valueOf(run, column, at);
  const columns = query.columns.map(toColumn);
  const groupBy = query.groupBy.map(toColumn);
  const groups = groupRuns(matching, groupBy, read);
  const cellOf = (group: readonly IndexedRun[], column: Column, isKey: boolean): Cell | GroupCell =>
    groupBy.length === 0 || isKey
      ? read(group[0]!, column)
      : summarizeCells(group.map((run) => read(run, column)));
  const isKey = query.columns.map((name) => query.groupBy.includes(name));
  const sorted = sortGroups(groups, query.sort, (group, { column }) =>
    cellOf(group, toColumn(column), query.groupBy.includes(column)),
  );
  const rows = pinnedFirst(sorted, query.pinned)
    .slice(query.offset, query.offset + query.limit)
    .map((group) => ({
      keys: group.slice(0, mostKeys).map(({ key }) => key),
      count: group.length,
      cells: columns.map((column, i) => cellOf(group, column, isKey[i]!)),
    }));
  return { total: groups.length, runs: matching.length, rows };
}

/** @throws {InputError} when a name is none of a column */
export function toColumn(name: ColumnName): Column {
  const column = parseColumn(name);
  if (column) return column;
  throw new InputError(
    `Cannot show column ${JSON.stringify(name)}: expected config.…, metrics.…, summary.… or a column that every run has${suggest(name, runColumnNames)}`,
  );
}

type Group = readonly IndexedRun[];

function groupRuns(
  runs: readonly IndexedRun[],
  by: readonly Column[],
  read: (run: IndexedRun, column: Column) => Cell,
): Group[] {
  if (by.length === 0) return runs.map((run) => [run]);
  const groups = new Map<string, IndexedRun[]>();
  for (const run of runs) {
    const cells = by.map((column) => read(run, column));
    const key = JSON.stringify(cells.map((cell) => [typeof cell, String(cell)]));
    const group = groups.get(key);
    if (group) group.push(run);
    else groups.set(key, [run]);
  }
  return [...groups.values()];
}

function sortGroups(
  groups: readonly Group[],
  keys: readonly SortKey[],
  read: (group: Group, key: SortKey) => Cell | GroupCell,
): Group[] {
  if (keys.length === 0) return [...groups];
  const rows = groups.map((group) => ({
    group,
    cells: keys.map((key) => sortedBy(read(group, key))),
  }));
  // Allocates nothing: garbage of 100,000 comparisons would make V8 move all rows to where they stay.
  rows.sort((a, b) => {
    let order = 0;
    for (let i = 0; i < keys.length && order === 0; i++) {
      order = compareCells(a.cells[i]!, b.cells[i]!, keys[i]!.descending);
    }
    return order;
  });
  return rows.map(({ group }) => group);
}

function pinnedFirst(groups: readonly Group[], keys: readonly string[] = []): readonly Group[] {
  if (keys.length === 0) return groups;
  const pinned = new Set(keys);
  const isPinned = (group: Group): boolean => group.some(({ key }) => pinned.has(key));
  return [...groups.filter(isPinned), ...groups.filter((group) => !isPinned(group))];
}

/** A group stands where its mean does, or the first of its values. */
function sortedBy(cell: Cell | GroupCell): Cell {
  if (cell === null || typeof cell !== "object") return cell;
  return "mean" in cell ? cell.mean : (cell.values[0] ?? null);
}
