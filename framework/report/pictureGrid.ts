import { encodePng } from "../data/image.ts";
import { imageGrid } from "../data/imageGrid.ts";
import { reducedPicture } from "./reducedPicture.ts";
import type { ReportPictures } from "./report.ts";

/** Rows of pictures as one PNG, with their labels. */
export async function pictureGrid({
  rows,
  columnLabels = [],
}: ReportPictures): Promise<Uint8Array> {
  const pictures = await Promise.all(
    rows.map((row) => Promise.all(row.pictures.map(reducedPicture))),
  );
  const { width = 0 } = pictures.flat()[0] ?? {};
  const rowLabels = rows.map(({ label }) => label);
  return encodePng(imageGrid(pictures, { rowLabels, columnLabels, upscale: width < 96 ? 2 : 1 }));
}
