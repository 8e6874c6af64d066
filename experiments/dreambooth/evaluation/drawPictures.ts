import { existsSync } from "node:fs";
import path from "node:path";

import {
  compositeOn,
  disposePipeline,
  loadForExport,
  readImage,
  readSchedulerConfig,
  type Compile,
  type GenerateRequest,
  type RgbImage,
  type TextToImage,
} from "seedbed";

import { keptImages, imageFiles, type ImageSettings } from "../keptImages.ts";
import { literalTextToImage } from "../literalPrompts.ts";
import type { ModelWeights } from "./modelWeights.ts";
import type { Question, Wanted } from "./question.ts";

/** What a model drew, by prompt; nothing for prompts that it was not asked. */
export type Pictures = ReadonlyMap<string, readonly RgbImage[]>;

export interface Drawing {
  readonly weights: ModelWeights;
  /** Of the sampler, as `scheduler_config.json` has them. */
  readonly scheduler: Readonly<Record<string, unknown>>;
  /** Side of the pictures. */
  readonly size: number;
  /** What of the question this model is asked. */
  readonly wanted: readonly Wanted[];
  readonly sampling: Question["sampling"];
}

const cacheFolder = path.join(".cache", "seedbed", "samples");

/** How many pictures are still to be drawn; what several models have in common counts once. */
export function countMissing(drawings: readonly Drawing[]): number {
  const files = drawings.flatMap((drawing) =>
    drawing.wanted.flatMap((wanted) => imageFiles(settingsFor(drawing, wanted))),
  );
  return [...new Set(files)].filter((file) => !existsSync(file)).length;
}

/**
 * Draws a model's pictures, each kept below `.cache/seedbed/samples` by weights, prompt, sampler and
 * seed: what was drawn before is not drawn again, and without anything to draw no weights are read.
 *
 * @param onDrawn told how many pictures are done, in parts of one as well
 */
export async function drawPictures(
  drawing: Drawing,
  {
    compile,
    signal,
    onDrawn,
  }: { compile: Compile; signal: AbortSignal; onDrawn: (pictures: number) => void },
): Promise<Pictures> {
  let drawn = 0;
  const lazy = lazyGenerator(drawing, compile);
  const pictures = new Map<string, readonly RgbImage[]>();
  const generate = async (request: GenerateRequest): ReturnType<TextToImage["generate"]> => {
    const distinct = new Set(request.seeds).size;
    const onProgress = (share: number): void => onDrawn(drawn + share * distinct);
    const images = await lazy.generate({ ...request, onProgress });
    drawn += distinct;
    return images;
  };
  try {
    for (const wanted of drawing.wanted) {
      signal.throwIfAborted();
      const files = await keptImages({
        ...settingsFor(drawing, wanted),
        generator: { generate },
        batchSize: Math.min(drawing.sampling.batchSize, wanted.count),
        signal,
        onProgress() {},
      });
      pictures.set(wanted.prompt, await readPictures(files));
    }
    return pictures;
  } finally {
    lazy.dispose();
  }
}

function settingsFor(
  { weights, scheduler, size, sampling }: Drawing,
  { prompt, count, seed }: Wanted,
): ImageSettings {
  const { steps, guidanceScale, eta } = sampling;
  const sampler = { scheduler, steps, guidanceScale, eta };
  return { modelHash: weights.hash, ...sampler, size, prompt, count, seed, cacheFolder };
}

async function readPictures(files: readonly string[]): Promise<RgbImage[]> {
  const pictures: RgbImage[] = [];
  for (const file of files) pictures.push(compositeOn(await readImage(file), [255, 255, 255]));
  return pictures;
}

/** Reads weights when the first picture is asked for. */
function lazyGenerator(
  { weights: { source, which, lora, tokens }, scheduler }: Drawing,
  compile: Compile,
): Pick<TextToImage, "generate" | "dispose"> {
  let free = (): void => {};
  let generator: TextToImage | undefined;
  function load(): TextToImage {
    const { components } = loadForExport(source, {
      ...{ weights: which, embeddings: tokens },
      loras: lora === undefined ? [] : [{ file: lora, scale: 1 }],
    });
    const config = readSchedulerConfig(scheduler, "scheduler");
    const loaded = literalTextToImage({ ...components, scheduler: config }, compile);
    free = () => {
      loaded.dispose();
      disposePipeline(components);
    };
    return loaded;
  }
  return {
    generate(request) {
      generator ??= load();
      return generator.generate(request);
    },
    dispose: () => free(),
  };
}
