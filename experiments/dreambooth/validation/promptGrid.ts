import { imageGrid, type RgbImage } from "seedbed";

import type { PromptedImage } from "../evaluator/clipScores.ts";
import type { DreamboothSettings } from "../settings.ts";
import type { ValidationSampler } from "./validationSampler.ts";

/** Smaller pictures are shown enlarged. */
export const enlargedBelow = 128;

/** The prompts' samples: a grid with one row for each prompt and guidance. */
export interface PromptGrid {
  /** There are no prompts. */
  readonly isEmpty: boolean;
  draw(): Promise<RgbImage & { caption: string }>;
  /** What the last grid shows of the first guidance. */
  readonly latest: readonly PromptedImage[];
}

/** The same prompts and seeds each time. */
export function promptGrid(
  sampler: ValidationSampler,
  { prompts, samples, seed }: DreamboothSettings["validation"],
): PromptGrid {
  const seeds = Array.from({ length: samples }, (_, i) => seed + i);
  const request = {
    prompts: prompts.flatMap((prompt) => seeds.map(() => prompt)),
    seeds: prompts.flatMap(() => seeds),
  };
  const { guidanceScales } = sampler;
  const labelOf = (prompt: string, guidance: number): string =>
    guidanceScales.length > 1 ? `${prompt} (guidance ${guidance})` : prompt;
  let latest: PromptedImage[] = [];
  return {
    isEmpty: prompts.length === 0,
    get latest() {
      return latest;
    },
    async draw() {
      const drawn: RgbImage[][] = [];
      for (const scale of guidanceScales) drawn.push(await sampler.draw(request, scale));
      latest = request.prompts.map((prompt, i) => ({ prompt, image: drawn[0]![i]! }));
      const rows = prompts.flatMap((prompt, at) =>
        guidanceScales.map((scale, g) => ({
          label: labelOf(prompt, scale),
          images: drawn[g]!.slice(at * samples, (at + 1) * samples),
        })),
      );
      const grid = imageGrid(
        rows.map(({ images }) => images),
        {
          rowLabels: rows.map(({ label }) => label),
          upscale: latest[0]!.image.width < enlargedBelow ? 2 : 1,
        },
      );
      return { ...grid, caption: rows.map(({ label }) => label).join("; ") };
    },
  };
}
