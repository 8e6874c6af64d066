import type { GroupCell } from "../../store/groupCell.ts";
import type { Cell } from "../../store/indexedRun.ts";
import type { SortKey } from "../../store/tableQuery.ts";

/** How tables are printed. */
export const formatOption = {
  choices: ["text", "csv", "json"],
  default: "text",
  describe: "How to print it",
} as const;

/** Words separated by commas, in one option or in several. */
export function splitList(values: readonly string[] = []): string[] {
  return values
    .flatMap((value) => value.split(","))
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

/** `-startedAt` or `startedAt desc` sorts from the greatest on. */
export function readSort(values: readonly string[] | undefined): SortKey[] {
  return splitList(values).map((word) => {
    const [, column = word, direction] = /^(.*?)\s+(asc|desc)$/.exec(word) ?? [];
    const isMinus = column.startsWith("-");
    return {
      column: isMinus ? column.slice(1) : column,
      descending: isMinus || direction === "desc",
    };
  });
}

/** A cell as people read it: four digits, times to the minute, `0.61 ± 0.02` of a group. */
export function cellText(cell: Cell | GroupCell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return shortNumber(cell);
  if (typeof cell === "string") return shortText(cell);
  if (typeof cell === "boolean") return String(cell);
  if ("mean" in cell) {
    const spread = cell.deviation > 0 ? ` ± ${shortNumber(cell.deviation, 2)}` : "";
    return `${shortNumber(cell.mean)}${spread}`;
  }
  const more = cell.more > 0 ? `, ${cell.more} more` : "";
  return `${cell.values.map(cellText).join(", ")}${more}`;
}

export function shortNumber(value: number, digits = 4): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(digits)));
}

const longestText = 60;

function shortText(text: string): string {
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text)) return text.slice(0, 16).replace("T", " ");
  const [line = ""] = printable(text).split("\n");
  return line.length > longestText ? `${line.slice(0, longestText)}…` : line;
}

/** Text of others without what would steer a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\t\n]/gu, "�"); // of control characters all but these two
}
