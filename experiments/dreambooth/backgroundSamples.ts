import type { RgbImage } from "seedbed";

import type { ColouredSample } from "./evaluator/evaluator.ts";
import type { DreamboothSettings } from "./settings.ts";
import { namedBackgrounds } from "./subjectCopies.ts";

/** What is drawn, picture by picture. */
export interface DrawRequest {
  readonly prompts: string[];
  readonly seeds: number[];
}

/**
 * The subject on each of the backgrounds that the spec names, with the same seeds on each: what
 * DreamBooth's paper calls recontextualisation.
 *
 * @param count pictures of each background
 * @param seed of the first of them, the next + 1
 */
export async function backgroundSamples(
  instance: DreamboothSettings["data"]["instance"],
  { count, seed }: { count: number; seed: number },
  draw: (request: DrawRequest) => Promise<readonly RgbImage[]>,
): Promise<ColouredSample[]> {
  const cases = namedBackgrounds(instance).flatMap(({ colour, prompt }) =>
    Array.from({ length: count }, (_, i) => ({ colour, prompt, seed: seed + i })),
  );
  if (cases.length === 0) return [];
  const images = await draw({
    prompts: cases.map(({ prompt }) => prompt),
    seeds: cases.map((each) => each.seed),
  });
  return cases.map(({ colour }, i) => ({ colour, image: images[i]! }));
}
