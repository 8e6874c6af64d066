import { drawText, glyphAdvance, glyphHeight, textWidth, wrapText } from "./bitmapFont.ts";
import { type Rgb, rgbImage, type RgbImage } from "./image.ts";

export interface ImageGridOptions {
  /** One label beside each row. */
  rowLabels?: readonly string[];
  /** One label over each column; broken into lines as wide as the column. */
  columnLabels?: readonly string[];
  /** One text under each image, in the images' rows; broken into lines as wide as the image. */
  captions?: readonly (readonly string[])[];
  /** Pixels between images, and around the grid. */
  gap?: number;
  /** Whole number by which images are enlarged, each pixel becoming a square. */
  upscale?: number;
  /** Side of a letter's pixel. */
  textScale?: number;
  background?: Rgb;
}

const maximumRowLabelLetters = 24;

/**
 * Lays out equally sized images in rows, with labels in a built-in font. Rows may be of different
 * lengths; what is missing stays empty.
 *
 * @throws {RangeError} when there is no image, sizes differ, or a label lacks its row or column, a
 *   caption its image
 */
export function imageGrid(
  rows: readonly (readonly RgbImage[])[],
  options: ImageGridOptions = {},
): RgbImage {
  const { rowLabels = [], columnLabels = [], captions = [] } = options;
  const { gap = 4, upscale = 1, textScale = 1, background = [255, 255, 255] } = options;
  const { width, height } = commonSize(rows);
  const columns = Math.max(...rows.map((row) => row.length));
  checkLabels(rowLabels.length, rows.length, "row");
  checkLabels(columnLabels.length, columns, "column");
  checkCaptions(captions, rows);
  checkScale(upscale);
  checkScale(textScale);

  const cellWidth = width * upscale;
  const cellHeight = height * upscale;
  const line = (glyphHeight + 2) * textScale;
  const rowLines = rowLabels.map((label) => wrapText(label, maximumRowLabelLetters));
  const letters = Math.max(1, Math.floor((cellWidth + textScale) / (glyphAdvance * textScale)));
  const columnLines = columnLabels.map((label) => wrapText(label, letters));
  const labelWidth = Math.max(0, ...rowLines.flat().map((text) => textWidth(text, textScale)));
  const left = gap + (labelWidth > 0 ? labelWidth + gap : 0);
  const labelHeight = Math.max(0, ...columnLines.map((lines) => lines.length)) * line;
  const top = gap + (labelHeight > 0 ? labelHeight + gap : 0);
  const captionLines = captions.map((row) => row.map((caption) => wrapText(caption, letters)));
  const captionHeight = Math.max(0, ...captionLines.flat().map((lines) => lines.length)) * line;
  const under = captionHeight > 0 ? captionHeight + gap : 0;
  const pitch = Math.max(cellHeight + under, ...rowLines.map((lines) => lines.length * line)) + gap;

  const canvas = blank(left + columns * (cellWidth + gap), top + rows.length * pitch, background);
  columnLines.forEach((lines, column) => {
    const x = left + column * (cellWidth + gap);
    lines.forEach((text, i) => drawText(canvas, text, { x, y: gap + i * line, scale: textScale }));
  });
  rows.forEach((row, r) => {
    const y = top + r * pitch;
    const lines = rowLines[r] ?? [];
    const textTop = y + Math.max(0, Math.floor((cellHeight - lines.length * line) / 2));
    lines.forEach((text, i) =>
      drawText(canvas, text, { x: gap, y: textTop + i * line, scale: textScale }),
    );
    row.forEach((image, c) => {
      const x = left + c * (cellWidth + gap);
      draw(canvas, image, x, y, upscale);
      captionLines[r]?.[c]?.forEach((text, i) =>
        drawText(canvas, text, { x, y: y + cellHeight + gap + i * line, scale: textScale }),
      );
    });
  });
  return canvas;
}

function commonSize(rows: readonly (readonly RgbImage[])[]): { width: number; height: number } {
  const images = rows.flat();
  const first = images[0];
  if (!first) throw new RangeError("Cannot draw a grid: expected images, got none");
  const odd = images.find(({ width, height }) => width !== first.width || height !== first.height);
  if (odd) {
    throw new RangeError(
      `Cannot draw a grid: expected all images ${first.width} x ${first.height}, got ${odd.width} x ${odd.height}`,
    );
  }
  return first;
}

function checkLabels(labels: number, count: number, what: string): void {
  if (labels === 0 || labels === count) return;
  throw new RangeError(`Cannot draw a grid: expected ${count} ${what} labels, got ${labels}`);
}

function checkCaptions(
  captions: readonly (readonly string[])[],
  rows: readonly (readonly RgbImage[])[],
): void {
  const isWhole = rows.every((row, r) => captions[r]?.length === row.length);
  if (captions.length === 0 || (captions.length === rows.length && isWhole)) return;
  throw new RangeError("Cannot draw a grid: expected a caption for each image");
}

function checkScale(scale: number): void {
  if (Number.isInteger(scale) && scale >= 1) return;
  throw new RangeError(`Cannot draw a grid: expected a whole enlargement >= 1, got ${scale}`);
}

function blank(width: number, height: number, colour: Rgb): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = colour[i % 3]!;
  return rgbImage(width, height, data);
}

function draw(canvas: RgbImage, image: RgbImage, left: number, top: number, upscale: number): void {
  for (let y = 0; y < image.height * upscale; y++) {
    for (let x = 0; x < image.width * upscale; x++) {
      const from = (Math.floor(y / upscale) * image.width + Math.floor(x / upscale)) * 3;
      const to = ((top + y) * canvas.width + left + x) * 3;
      canvas.data[to] = image.data[from]!;
      canvas.data[to + 1] = image.data[from + 1]!;
      canvas.data[to + 2] = image.data[from + 2]!;
    }
  }
}
