import path from "node:path";

import {
  hashFiles,
  listImages,
  schedulerConfigJson,
  withSampler,
  type ExperimentContext,
  type PipelineComponents,
  type TextToImage,
} from "seedbed";

import { keptImages, copyImages } from "./keptImages.ts";
import { modelHash } from "./modelHash.ts";
import { pictureSide } from "./pictures/buckets.ts";
import type { DreamboothSettings } from "./settings.ts";
import { subjectName } from "./subjects.ts";

const cacheFolder = path.join(".cache", "seedbed", "class-images");

/** The model that draws, before it is trained. */
export interface ClassModel {
  generator: TextToImage;
  /** What the generator was made of, but for its sampler, which is DDIM's. */
  components: PipelineComponents;
  /** The folder that they were read from, or the file. */
  source: string;
}

/**
 * Files of the class: the user's own, all of them, and as many as they lack of `count`, which the
 * model draws. Nothing is written to the user's folder. None where the prior has no weight.
 */
export async function classPictures(
  model: ClassModel,
  { loss, data }: DreamboothSettings,
  context: Pick<ExperimentContext, "run" | "signal" | "print">,
): Promise<string[]> {
  if (loss.priorWeight === 0) return [];
  const { folder, count, prompt } = data.class;
  const own = folder === null ? [] : listImages(folder).images;
  const drawn = await drawMissing(model, count - own.length, { data, context });
  const files = [...own, ...drawn];
  const name = subjectName(data);
  context.run.recordData(name === undefined ? "class" : `class ${name}`, hashFiles(files), {
    prompt,
    count: files.length,
  });
  return files;
}

async function drawMissing(
  { generator, components, source }: ClassModel,
  missing: number,
  {
    data,
    context: { run, signal, print },
  }: {
    data: DreamboothSettings["data"];
    context: Pick<ExperimentContext, "run" | "signal" | "print">;
  },
): Promise<string[]> {
  if (missing <= 0) return [];
  const { prompt, seed, steps, guidanceScale, eta } = data.class;
  const files = await keptImages({
    generator,
    modelHash: modelHash(source),
    scheduler: schedulerConfigJson(withSampler(components.scheduler, "DDIMScheduler")),
    size: pictureSide(components),
    prompt,
    count: missing,
    seed,
    steps,
    guidanceScale,
    eta,
    batchSize: Math.min(16, missing),
    cacheFolder,
    signal,
    onProgress: (made, wanted) => print(`class images ${made}/${wanted}`),
  });
  copyImages(files, run.path("class-images", subjectName(data) ?? ""));
  return files;
}
