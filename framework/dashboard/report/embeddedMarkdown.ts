import { blockSvg } from "../../report/blockSvg.ts";
import { markdownReport, type PictureBlock } from "../../report/markdownReport.ts";
import type { Report } from "../../report/report.ts";

/** A report as one Markdown file: its charts are in it, as data. */
export function embeddedMarkdown(report: Report): string {
  return markdownReport(report, (block) => {
    const svg = Buffer.from(svgOf(block)).toString("base64");
    return `data:image/svg+xml;base64,${svg}`;
  });
}

function svgOf(block: PictureBlock): string {
  if (block.kind !== "pictures") return blockSvg(block);
  throw new TypeError(`Cannot embed block ${block.name}: pictures have files of their own`);
}
