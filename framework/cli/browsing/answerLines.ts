import { textTable } from "../../base/textTable.ts";
import type { SqlAnswer } from "../../store/runDatabase.ts";
import { csvLines, jsonLines } from "../../store/writeFrame.ts";
import { cellText } from "./tableOptions.ts";

/** What a query found, as lines. */
export function answerLines(
  { columns, rows }: SqlAnswer,
  format: "text" | "csv" | "json",
): Iterable<string> {
  const frame = { columns: columns.map((name) => ({ name, kind: "text" as const })), rows };
  if (format === "csv") return csvLines(frame);
  if (format === "json") return jsonLines(frame);
  const numbers = columns.flatMap((_, i) =>
    rows.every((row) => row[i] === null || typeof row[i] === "number") ? [i] : [],
  );
  return textTable([columns, ...rows.map((row) => row.map(cellText))], numbers);
}
