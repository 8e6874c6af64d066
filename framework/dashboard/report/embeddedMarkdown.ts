import { blockSvg } from "../../report/blockSvg.ts";
import { markdownReport, type PictureBlock } from "../../report/markdownReport.ts";
import { pictureGrid } from "../../report/pictureGrid.ts";
import type { Report } from "../../report/report.ts";

/** A report as one Markdown file: its charts and pictures are in it, as data. */
export async function embeddedMarkdown(report: Report): Promise<string> {
  const grids = new Map<PictureBlock, string>();
  for (const block of report.blocks) {
    if (block.kind === "pictures") grids.set(block, dataUrl("png", await pictureGrid(block)));
  }
  return markdownReport(report, (block) => grids.get(block) ?? dataUrl("svg+xml", svgOf(block)));
}

function dataUrl(type: string, content: string | Uint8Array): string {
  return `data:image/${type};base64,${Buffer.from(content).toString("base64")}`;
}

function svgOf(block: PictureBlock): string {
  if (block.kind !== "pictures") return blockSvg(block);
  throw new TypeError(`Cannot embed ${block.name}: its pictures have not been drawn`);
}
