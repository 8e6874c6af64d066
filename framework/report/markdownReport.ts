import { drawingLabel } from "./blockSvg.ts";
import type {
  DrawnBlock,
  Report,
  ReportBlock,
  ReportPictures,
  ReportTable,
  ReportText,
} from "./report.ts";
import { cellText, headText, isBest } from "./reportCells.ts";

/** A block that is shown as a picture. */
export type PictureBlock = ReportPictures | DrawnBlock;

/** Where the picture of a block is, seen from the page. */
export function pictureFile({ name, kind }: PictureBlock): string {
  return `pictures/${name}.${kind === "pictures" ? "png" : "svg"}`;
}

/**
 * A report as Markdown.
 *
 * @param address of a block's picture
 */
export function markdownReport(
  { title, blocks }: Report,
  address: (block: PictureBlock) => string = pictureFile,
): string {
  const parts = [`# ${escape(title)}`, ...blocks.map((block) => markdownBlock(block, address))];
  return `${parts.join("\n\n")}\n`;
}

function markdownBlock(block: ReportBlock, address: (block: PictureBlock) => string): string {
  switch (block.kind) {
    case "heading":
      return `## ${escape(block.text)}`;
    case "text":
      return text(block);
    case "table":
      return table(block);
    case "pictures":
      return `![${escape(block.rows.map(({ label }) => label).join("; "))}](${address(block)})`;
    case "chart":
    case "lines":
    case "bars":
    case "parallel":
      return `![${escape(drawingLabel(block))}](${address(block)})`;
    default:
      throw new TypeError(`Cannot write ${String(block satisfies never)}`);
  }
}

function text({ text: paragraph, terms = [] }: ReportText): string {
  const items = terms.map(([term, meaning]) => `- **${escape(term)}**: ${escape(meaning)}`);
  return [escape(paragraph), items.join("\n")].filter((part) => part !== "").join("\n\n");
}

function table(block: ReportTable): string {
  const { corner, columns, rows } = block;
  const lines = [
    [corner, ...columns.map(headText)].map(escape),
    ["---", ...columns.map(() => "---:")],
    ...rows.map((row) => [
      escape(row.label),
      ...row.cells.map((cell, i) => {
        const text = escape(cellText(cell, columns[i]!));
        return isBest(block, row, i) ? `**${text}**` : text;
      }),
    ]),
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Text as it is, whatever Markdown would make of it. */
function escape(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|#]/g, "\\$&");
}
