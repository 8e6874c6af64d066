import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { StagedFolder } from "../base/stagedFolder.ts";
import { blockSvg, isDrawn } from "./blockSvg.ts";
import { htmlReport } from "./htmlReport.ts";
import { markdownReport, pictureFile } from "./markdownReport.ts";
import { pictureGrid } from "./pictureGrid.ts";
import type { Report } from "./report.ts";
import type { ReportFormat } from "./reportFormats.ts";

/** Programs' numbers; also what tells that a folder is a report's. */
export const reportDataFile = "report.json";

/**
 * Writes a report: `report.html`, which needs no other file; `report.md` with its pictures in
 * `pictures/`; and always `report.json`. The folder appears whole or not at all; one of that name
 * is replaced.
 */
export async function writeReportFolder(
  folder: string,
  report: Report,
  formats: readonly ReportFormat[],
): Promise<void> {
  const staged = new StagedFolder(folder);
  const write = (name: string, content: string | Uint8Array): void =>
    writeFileAtomic(path.join(staged.path, name), content);
  try {
    if (formats.includes("html")) write("report.html", await htmlReport(report));
    if (formats.includes("markdown")) {
      for (const [name, content] of await pictureFiles(report)) write(name, content);
      write("report.md", markdownReport(report));
    }
    write(reportDataFile, `${JSON.stringify(report.data, null, 2)}\n`);
    staged.commit();
  } finally {
    staged.discard();
  }
}

/** Files that the page of Markdown shows, by name. */
async function pictureFiles({ blocks }: Report): Promise<[string, string | Uint8Array][]> {
  const files: [string, string | Uint8Array][] = [];
  for (const block of blocks) {
    if (isDrawn(block)) files.push([pictureFile(block), blockSvg(block)]);
    if (block.kind === "pictures") files.push([pictureFile(block), await pictureGrid(block)]);
  }
  return files;
}
