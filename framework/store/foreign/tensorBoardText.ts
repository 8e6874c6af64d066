import type { MediaContent } from "../media/runMedia.ts";
import type { TensorBoardTensor } from "./tensorBoardTensor.ts";

/**
 * Texts as TensorBoard shows them: one text by itself, several as a table. A first row in bold, as our
 * own logger writes headings, names the columns.
 */
export function textContent({ shape, strings }: TensorBoardTensor): MediaContent {
  const texts = strings.map((bytes) => Buffer.from(bytes).toString());
  if (texts.length <= 1) return { kind: "text", text: texts[0] ?? "" };
  const width = shape.length > 1 ? shape.at(-1)! : 1;
  const rows = Array.from({ length: Math.ceil(texts.length / width) }, (_, i) =>
    texts.slice(i * width, (i + 1) * width),
  );
  const [first = [], ...others] = rows;
  const isHeading = first.every((cell) => bold.test(cell));
  const columns = first.map((cell, i) => (isHeading ? cell.slice(2, -2) : `column ${i + 1}`));
  const cells = (isHeading ? others : rows).map((row) => row.map(plain));
  return { kind: "table", columns: columns.map(plain), rows: cells };
}

const bold = /^\*\*.*\*\*$/s;

/** Without what keeps Markdown from taking signs for its own. */
function plain(markdown: string): string {
  return markdown
    .replaceAll(/\\([\\`*_{}[\]()#+.!-])/g, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&amp;", "&");
}
