import type { ColumnName } from "../../../store/indexedRun.ts";
import type { SortKey, TableQuery } from "../../api.ts";
import { address, setParameters } from "../address/address.ts";
import { formatList, parseList } from "../address/list.ts";

/** What the address says of the run table. */
export interface TableState {
  readonly filter: string;
  /** null: those that suit the runs. */
  readonly columns: readonly ColumnName[] | null;
  readonly pinned: readonly ColumnName[];
  readonly sort: readonly SortKey[];
  readonly groupBy: readonly ColumnName[];
  readonly archived: boolean;
  /** Keys of the runs that stand on top whatever the order. */
  readonly pinnedRuns: readonly string[];
  /** Keys of the chosen runs. */
  readonly chosen: readonly string[];
}

export function tableState(): TableState {
  const { parameters } = address.value;
  const columns = parameters["columns"];
  return {
    filter: parameters["filter"] ?? "",
    columns: columns === undefined ? null : parseList(columns),
    pinned: parseList(parameters["pinned"]),
    sort: parseList(parameters["sort"]).map(parseSortKey),
    groupBy: parseList(parameters["group"]),
    archived: parameters["archived"] === "1",
    pinnedRuns: parseList(parameters["top"]),
    chosen: parseList(parameters["runs"]),
  };
}

/** Newest first, unless the user says otherwise. */
const defaultSort: readonly SortKey[] = [{ column: "startedAt", descending: true }];

/** What the server is asked for the table's rows; groups have no order of their own. */
export function tableQuery(
  { filter, sort, groupBy, archived, pinnedRuns }: TableState,
  columns: readonly ColumnName[],
): Omit<TableQuery, "offset" | "limit"> {
  return {
    filter,
    columns: [...columns],
    sort: [...(sort.length > 0 || groupBy.length > 0 ? sort : defaultSort)],
    groupBy: [...groupBy],
    archived,
    ...(pinnedRuns.length > 0 && { pinned: [...pinnedRuns] }),
  };
}

export function setTableState(
  changes: Partial<TableState>,
  options: { replace?: boolean } = {},
): void {
  const parameters: Record<string, string | null> = {};
  if (changes.filter !== undefined) parameters["filter"] = changes.filter || null;
  if (changes.columns !== undefined)
    parameters["columns"] = changes.columns && (formatList(changes.columns) ?? "");
  if (changes.pinned) parameters["pinned"] = formatList(changes.pinned);
  if (changes.sort) parameters["sort"] = formatList(changes.sort.map(formatSortKey));
  if (changes.groupBy) parameters["group"] = formatList(changes.groupBy);
  if (changes.archived !== undefined) parameters["archived"] = changes.archived ? "1" : null;
  if (changes.pinnedRuns) parameters["top"] = formatList(changes.pinnedRuns);
  if (changes.chosen) parameters["runs"] = formatList(changes.chosen);
  setParameters(parameters, options);
}

function parseSortKey(text: string): SortKey {
  return text.startsWith("-")
    ? { column: text.slice(1), descending: true }
    : { column: text, descending: false };
}

function formatSortKey({ column, descending }: SortKey): string {
  return descending ? `-${column}` : column;
}

/** Adds or removes keys of the chosen runs; history keeps its length. */
export function chooseRuns(keys: readonly string[], chosen: boolean): void {
  const now = tableState().chosen;
  const rest = now.filter((key) => !keys.includes(key));
  setTableState({ chosen: chosen ? [...rest, ...keys] : rest }, { replace: true });
}

/** Puts runs on top of the table, or back in their places. */
export function pinRuns(keys: readonly string[], pinned: boolean): void {
  const rest = tableState().pinnedRuns.filter((key) => !keys.includes(key));
  setTableState({ pinnedRuns: pinned ? [...rest, ...keys] : rest });
}
