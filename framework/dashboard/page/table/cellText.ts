import { formatDuration } from "../../../base/formatDuration.ts";
import type { Cell, ColumnName } from "../../../store/indexedRun.ts";
import type { TableCell } from "../../api.ts";
import { formatNumber, fullNumber } from "../format/number.ts";
import { formatAgo, formatTime } from "../format/time.ts";

/** A cell as it is shown. */
export interface CellText {
  readonly text: string;
  /** Said in full when the pointer rests on it. */
  readonly title: string;
  readonly numeric: boolean;
  /** A value that is NaN or infinite. */
  readonly strange?: boolean;
}

const times = new Set<ColumnName>(["startedAt", "endedAt"]);
const words = new Set(["NaN", "Infinity", "-Infinity"]);

export function cellText(column: ColumnName, cell: TableCell | undefined, nowMs: number): CellText {
  if (cell === null || cell === undefined) return { text: "", title: "", numeric: false };
  if (typeof cell !== "object") return plainText(column, cell, nowMs);
  if ("mean" in cell) return spreadText(column, cell);
  const shown = cell.values.map((value) => cellText(column, value, nowMs).text || "none");
  const texts = [...new Set(shown)];
  const more = cell.more > 0 ? `, ${cell.more} more` : "";
  const text = texts.join(", ") + more;
  return { text, title: text, numeric: false };
}

function plainText(column: ColumnName, cell: Cell, nowMs: number): CellText {
  if (typeof cell === "number") return numberText(column, cell);
  const text = String(cell);
  if (times.has(column)) {
    return { text: formatAgo(text, nowMs), title: formatTime(Date.parse(text)), numeric: true };
  }
  if (words.has(text)) return numberText(column, Number(text));
  return { text, title: text, numeric: false };
}

function numberText(column: ColumnName, value: number): CellText {
  const text = column === "durationSeconds" ? formatDuration(value) : formatNumber(value);
  const strange = !Number.isFinite(value);
  return { text, title: fullNumber(value), numeric: true, ...(strange && { strange }) };
}

type Spread = Extract<TableCell, { mean: unknown }>;

/** `0.912 ± 0.004`; minimum, maximum and count stand in the title. */
function spreadText(column: ColumnName, { mean, deviation, min, max, count }: Spread): CellText {
  // A deviation needs no more than two digits.
  const middle = Number(mean);
  const spread = Number(deviation);
  const show = (value: number): string =>
    column === "durationSeconds" ? formatDuration(value) : formatNumber(value);
  return {
    text:
      spread === 0 || !Number.isFinite(spread)
        ? show(middle)
        : `${show(middle)} ± ${show(Number(spread.toPrecision(2)))}`,
    title: `mean ${middle}\ndeviation ${spread}\nmin ${min}\nmax ${max}\n${count} runs`,
    numeric: true,
    ...(!Number.isFinite(middle) && { strange: true }),
  };
}

/** The values of a cell, whether of a run or of a group. */
export function cellValues(cell: TableCell | undefined): Cell[] {
  if (cell === null || cell === undefined) return [];
  if (typeof cell !== "object") return [cell];
  return "values" in cell ? cell.values : [Number(cell.mean)];
}
