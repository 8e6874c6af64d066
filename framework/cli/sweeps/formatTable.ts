import { textTable } from "../../base/textTable.ts";

export type TableFormat = "text" | "markdown" | "csv";

/** @param rows the first one has the headings */
export function formatTable(rows: readonly (readonly string[])[], format: TableFormat): string[] {
  if (format === "text") return textTable(rows);
  if (format === "csv") return rows.map((row) => row.map(csvCell).join(","));
  const [header = [], ...body] = rows.map((row) => row.map(markdownCell));
  const widths = header.map((cell, i) =>
    Math.max(3, cell.length, ...body.map((row) => row[i]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [line(header), line(widths.map((width) => "-".repeat(width))), ...body.map(line)];
}

/** As RFC 4180 says. */
const csvCell = (cell: string): string =>
  /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

const markdownCell = (cell: string): string => cell.replaceAll("|", String.raw`\|`);
