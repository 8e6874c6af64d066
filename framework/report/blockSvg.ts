import { barChartSvg } from "./barChartSvg.ts";
import { chartSvg } from "./chartSvg.ts";
import { lineChartSvg } from "./lineChartSvg.ts";
import { parallelSvg } from "./parallelSvg.ts";
import type { DrawnBlock, ReportBlock } from "./report.ts";

export function isDrawn(block: ReportBlock): block is DrawnBlock {
  return ["chart", "lines", "bars", "parallel"].includes(block.kind);
}

/** A block as an SVG image. */
export function blockSvg(block: DrawnBlock): string {
  switch (block.kind) {
    case "chart":
      return chartSvg(block);
    case "lines":
      return lineChartSvg(block);
    case "bars":
      return barChartSvg(block);
    case "parallel":
      return parallelSvg(block);
  }
}

/** What a drawing shows, in a few words. */
export function drawingLabel(block: DrawnBlock): string {
  switch (block.kind) {
    case "chart":
    case "lines":
      return `${block.y} over ${block.x}`;
    case "bars":
      return `${block.x} of ${block.names.join(", ")}`;
    case "parallel":
      return `${block.axes.map(({ label }) => label).join(", ")}`;
  }
}
