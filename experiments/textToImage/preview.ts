import { imageGrid, tensorToImages, type RgbImage, type TextToImage } from "seedbed";

import { renderValidation, validationCaption, type EmojiData } from "./dataset.ts";
import type { TextToImageSettings } from "./settings.ts";

/** Unseen drawings that a preview shows: ten concepts, each drawn by another style or word. */
const shown = 10;

export interface PreviewOptions {
  data: EmojiData;
  size: number;
  seed: number;
  sampling: TextToImageSettings["sampling"];
  generator: TextToImage;
  signal: AbortSignal;
}

/** Draws unseen drawings by their captions, below the drawings themselves. */
export async function previewGrid(options: PreviewOptions): Promise<RgbImage> {
  const { data, size, seed, sampling, generator, signal } = options;
  const drawings = pick(data);
  const rendered = drawings.map((drawing) => renderValidation({ data, size, seed }, drawing));
  const prompts = drawings.map((drawing, i) =>
    validationCaption(data, drawing, rendered[i]!.attributes),
  );
  const rows: RgbImage[][] = [rendered.map(({ rgb }) => rgb)];
  for (const offset of [0, 1, 2]) {
    const made = await generator.generate({
      prompts,
      seeds: drawings.map((_, i) => sampling.seed + offset * shown + i),
      steps: sampling.steps,
      guidanceScale: sampling.guidanceScale,
      eta: sampling.eta,
      batchSize: shown,
      signal,
    });
    rows.push(tensorToImages(made));
  }
  const rowLabels = ["unseen", "seed 1", "seed 2", "seed 3"];
  return imageGrid(rows, { rowLabels, upscale: 2 });
}

/** Validation drawings of different concepts, spread over the list. */
function pick({ drawings, validation }: EmojiData): number[] {
  const byConcept = new Map(validation.map((drawing) => [drawings[drawing]!.codepoint, drawing]));
  const all = [...byConcept.values()];
  const stride = Math.max(1, Math.floor(all.length / shown));
  return all.filter((_, i) => i % stride === 0).slice(0, shown);
}
