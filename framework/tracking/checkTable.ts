import type { LoggedTable } from "./logger.ts";

/** @throws {RangeError} naming the first row that has not a cell for each column */
export function checkTable({ columns, rows }: LoggedTable): void {
  const bad = rows.findIndex((row) => row.length !== columns.length);
  if (bad < 0) return;
  throw new RangeError(
    `Cannot log table: expected a cell for each of ${columns.length} columns, got ${rows[bad]!.length} in row ${bad}`,
  );
}
