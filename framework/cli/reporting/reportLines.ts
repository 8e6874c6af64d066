import path from "node:path";

import { textTable } from "../../base/textTable.ts";
import type { Report, ReportTable } from "../../report/report.ts";
import { cellText, headText } from "../../report/reportCells.ts";
import type { ReportFormat } from "../../report/reportFormats.ts";
import { reportDataFile } from "../../report/writeReportFolder.ts";

const pages = { html: "report.html", markdown: "report.md" } as const;

/** What is printed of a report: its first table, and where everything is. */
export function reportLines(
  { blocks }: Report,
  folder: string,
  formats: readonly ReportFormat[],
): string[] {
  const table = blocks.find((block) => block.kind === "table");
  const files = [...new Set(formats.map((format) => pages[format])), reportDataFile];
  return [...(table ? tableLines(table) : []), ...files.map((name) => path.join(folder, name))];
}

function tableLines({ corner, columns, rows }: ReportTable): string[] {
  const cells = rows.map((row) => [
    row.label,
    ...row.cells.map((cell, i) => cellText(cell, columns[i]!)),
  ]);
  const right = columns.map((_, i) => i + 1);
  return textTable([[corner, ...columns.map(headText)], ...cells], right);
}
