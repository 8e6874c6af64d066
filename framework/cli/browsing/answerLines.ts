import { textTable } from "../../base/textTable.ts";
import type { SqlAnswer } from "../../store/runDatabase.ts";
import { frameLines } from "../../store/writeFrame.ts";
import { cellText } from "./tableOptions.ts";

/** What a query found, as lines. */
export function answerLines(
  { columns, rows }: SqlAnswer,
  format: "text" | "csv" | "json",
): Iterable<string> {
  if (format !== "text") {
    const textColumns = columns.map((name) => ({ name, kind: "text" as const }));
    return frameLines({ columns: textColumns, rows }, format);
  }
  const numbers = columns.flatMap((_, i) =>
    rows.every((row) => row[i] === null || typeof row[i] === "number") ? [i] : [],
  );
  return textTable([columns, ...rows.map((row) => row.map(cellText))], numbers);
}
