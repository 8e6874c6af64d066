import { encodePng, type RgbImage } from "../data/image.ts";
import { blockSvg } from "./blockSvg.ts";
import { htmlText } from "./htmlText.ts";
import { reducedPicture } from "./reducedPicture.ts";
import type { Report, ReportBlock, ReportPictures, ReportTable, ReportText } from "./report.ts";
import { cellText, headText, isBest } from "./reportCells.ts";

/** A report as one HTML page that needs no other file. */
export async function htmlReport({ title, blocks }: Report): Promise<string> {
  const parts: string[] = [];
  for (const block of blocks) parts.push(await htmlBlock(block));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${htmlText(title)}</title>
<style>${style}</style>
<main>
<h1>${htmlText(title)}</h1>
${parts.join("\n")}
</main>
</html>
`;
}

const style = `
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --best: #0a7a3d; }
@media (prefers-color-scheme: dark) { :root { --best: #5fd38d; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 1400px; margin: 0 auto; padding: 24px; }
h1 { font-size: 26px; margin: 0 0 16px; }
h2 { font-size: 19px; margin: 40px 0 12px; }
p { margin: 0 0 12px; max-width: 80ch; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 12px 0; }
dt { font-weight: 600; }
dd { margin: 0; max-width: 80ch; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 10px; text-align: right; border-bottom: 1px solid var(--line); }
thead th { font-weight: 600; font-size: 13px; vertical-align: bottom; border-bottom-width: 2px; }
th:first-child { text-align: left; font-weight: 500; min-width: 16ch; max-width: 34ch; overflow-wrap: break-word; }
td { white-space: nowrap; }
tbody tr:hover { background: var(--soft); }
tr.baseline { color: color-mix(in srgb, currentColor 65%, transparent); font-style: italic; }
.deviation { font-size: 80%; opacity: 0.75; }
td.best { font-weight: 700; color: var(--best); }
.pictures td, .pictures th { border: 0; padding: 3px; }
.pictures th:first-child { padding-right: 16px; width: 22ch; }
.pictures thead th { text-align: center; font-weight: 400; }
.pictures img { display: block; width: 96px; border-radius: 4px; }
svg { width: 100%; max-width: 720px; height: auto; border-radius: 6px; }
`;

async function htmlBlock(block: ReportBlock): Promise<string> {
  switch (block.kind) {
    case "heading":
      return `<h2>${htmlText(block.text)}</h2>`;
    case "text":
      return paragraph(block);
    case "table":
      return `<div class="wide">${table(block)}</div>`;
    case "pictures":
      return `<div class="wide">${await pictures(block)}</div>`;
    case "chart":
    case "lines":
    case "bars":
    case "parallel":
      return blockSvg(block);
    default:
      throw new TypeError(`Cannot write ${String(block satisfies never)}`);
  }
}

function paragraph({ text, terms = [] }: ReportText): string {
  const items = terms.map(
    ([term, meaning]) => `<dt>${htmlText(term)}</dt><dd>${htmlText(meaning)}</dd>`,
  );
  return [
    ...(text === "" ? [] : [`<p>${htmlText(text)}</p>`]),
    ...(items.length === 0 ? [] : [`<dl>${items.join("\n")}</dl>`]),
  ].join("\n");
}

function table(block: ReportTable): string {
  const { corner, columns, rows } = block;
  const head = [corner, ...columns.map(headText)].map((text) => `<th>${htmlText(text)}</th>`);
  const body = rows.map((row) => {
    const cells = row.cells.map((cell, i) => {
      const best = isBest(block, row, i) ? ' class="best"' : "";
      return `<td${best}>${cellHtml(cellText(cell, columns[i]!))}</td>`;
    });
    const baseline = row.isBaseline ? ' class="baseline"' : "";
    return `<tr${baseline}><th>${htmlText(row.label)}</th>${cells.join("")}</tr>`;
  });
  return `<table><thead><tr>${head.join("")}</tr></thead><tbody>\n${body.join("\n")}\n</tbody></table>`;
}

/** A deviation steps back behind its mean. */
function cellHtml(text: string): string {
  return htmlText(text).replace(/ ± [\d.,]+$/, '<span class="deviation">$&</span>');
}

async function pictures({ rows, columnLabels = [] }: ReportPictures): Promise<string> {
  const head = ["", ...columnLabels].map((text) => `<th>${htmlText(text)}</th>`);
  const body: string[] = [];
  for (const { label, pictures: own } of rows) {
    const cells: string[] = [];
    for (const picture of own) cells.push(`<td>${await embedded(picture, label)}</td>`);
    body.push(`<tr><th>${htmlText(label)}</th>${cells.join("")}</tr>`);
  }
  const labels = columnLabels.length === 0 ? "" : `<thead><tr>${head.join("")}</tr></thead>`;
  return `<table class="pictures">${labels}<tbody>\n${body.join("\n")}\n</tbody></table>`;
}

async function embedded(picture: RgbImage, label: string): Promise<string> {
  const png = Buffer.from(await encodePng(await reducedPicture(picture))).toString("base64");
  return `<img alt="${htmlText(label)}" src="data:image/png;base64,${png}">`;
}
