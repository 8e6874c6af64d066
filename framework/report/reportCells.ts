import type { ReportCell, ReportColumn, ReportRow, ReportTable } from "./report.ts";

const nothing = "–";

/** A cell as people read it: `0.554`, `0.554 ± 0.012`. */
export function cellText(cell: ReportCell, { digits = 3 }: ReportColumn): string {
  if (cell === undefined) return nothing;
  if (typeof cell === "string") return cell;
  const { mean, deviation } = cell;
  if (!Number.isFinite(mean)) return nothing;
  return !deviation // none, or of values that are the same
    ? number(mean, digits)
    : `${number(mean, digits)} ± ${number(deviation, digits)}`;
}

const number = (value: number, digits: number): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** An arrow tells which numbers are better. */
export function headText({ label, better }: ReportColumn): string {
  return better === undefined ? label : `${label} ${better === "higher" ? "↑" : "↓"}`;
}

/** Whether a cell is the best of its column; nothing is where rows do not differ. */
export function isBest({ columns, rows }: ReportTable, row: ReportRow, column: number): boolean {
  const { better } = columns[column]!;
  const value = numberIn(row, column);
  if (better === undefined || value === undefined || row.isBaseline) return false;
  const values = rows
    .filter(({ isBaseline }) => !isBaseline)
    .map((each) => numberIn(each, column))
    .filter((each) => each !== undefined);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least < most && value === (better === "higher" ? most : least);
}

function numberIn({ cells }: ReportRow, column: number): number | undefined {
  const cell = cells[column];
  const isNumber = typeof cell === "object" && Number.isFinite(cell.mean);
  return isNumber ? cell.mean : undefined;
}
