import type { Cell, ColumnName } from "../../../store/indexedRun.ts";
import type { TableRow } from "../../api.ts";
import type { Coloured } from "../colours/runColour.ts";
import { formatNumber } from "../format/number.ts";
import { cellValues } from "./cellText.ts";
import { columnLabel } from "./columns.ts";

/** Columns that the page needs of every row, whatever is shown. They come first in its cells. */
export const hiddenColumns: readonly ColumnName[] = [
  ...["title", "name", "id", "status", "group", "seed", "colour", "starred", "archived", "tags"],
];

/** A row's run, or what the runs of a group have in common. */
export interface RowRun extends Coloured {
  readonly keys: readonly string[];
  readonly title: string;
  readonly status: string;
  readonly starred: boolean;
  readonly archived: boolean;
  readonly tags: readonly string[];
}

export function rowRun(row: TableRow, groupBy: readonly ColumnName[]): RowRun {
  const value = (column: ColumnName): Cell | undefined =>
    cellValues(row.cells[hiddenColumns.indexOf(column)])[0];
  const text = (column: ColumnName): string => String(value(column) ?? "");
  const seed = value("seed");
  return {
    keys: row.keys,
    title: text("title") || `${text("name")}/${text("id")}`,
    status: text("status"),
    group: groupBy.length > 0 ? groupName(row, groupBy) : text("group"),
    seed: groupBy.length === 0 && typeof seed === "number" ? seed : null,
    colour: groupBy.length === 0 ? text("colour") || null : null,
    starred: value("starred") === true,
    archived: value("archived") === true,
    tags: text("tags").split(/,\s*/).filter(Boolean),
  };
}

/** The values that a group's runs share; those columns follow the hidden ones in its cells. */
function groupName(row: TableRow, groupBy: readonly ColumnName[]): string {
  return groupBy
    .map((column, i) => partName(column, cellValues(row.cells[hiddenColumns.length + i])))
    .join(" · ");
}

/** Words speak for themselves; numbers and the like need to be named. */
function partName(column: ColumnName, [value = null]: readonly Cell[]): string {
  if (typeof value === "string" && value !== "") return value;
  const { label } = columnLabel(column);
  return `${label} ${typeof value === "number" ? formatNumber(value) : (value ?? "none")}`;
}
