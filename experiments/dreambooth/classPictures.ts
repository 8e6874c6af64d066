import { existsSync } from "node:fs";
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

import { copyImages, imageNames, keptImages } from "./keptImages.ts";
import { pictureSide } from "./pictures/buckets.ts";
import type { DreamboothSettings } from "./settings.ts";
import { subjectName, subjectRecord } from "./subjects.ts";

const cacheFolder = path.join(".cache", "seedbed", "class-images");

/** The model that draws, before it is trained. */
export interface ClassModel {
  generator: TextToImage;
  /** What the generator was made of, but for its sampler, which is DDIM's. */
  components: PipelineComponents;
  /** Of the files that they were read from, as `modelHash` has it. */
  hash: string;
}

/**
 * Files of the class: the user's own, all of them, and as many as they lack of `count`, which the
 * model draws. Nothing is written to the user's folder. None where the prior has no weight.
 *
 * The run's folder has copies of what was drawn. A run that goes on takes them where they are what
 * it was begun with: nothing is drawn again.
 *
 * @throws {InputError} when the run goes on from a checkpoint that was trained with other pictures,
 * whose copies stay
 */
export async function classPictures(
  model: ClassModel,
  { loss, data }: DreamboothSettings,
  context: Pick<ExperimentContext, "run" | "signal" | "print">,
): Promise<string[]> {
  if (loss.priorWeight === 0) return [];
  const { folder, count, prompt, seed } = data.class;
  const own = folder === null ? [] : listImages(folder).images;
  const record = subjectRecord("class", data);
  const { run } = context;
  const missing = Math.max(0, count - own.length);
  const copies = run.path("class-images", subjectName(data) ?? "");
  const kept = [...own, ...imageNames(missing, seed).map((file) => path.join(copies, file))];
  if (isRecorded(kept, run.manifest.data[record]?.sha256)) return kept;
  const drawn = await drawMissing(model, missing, { data, context });
  const files = [...own, ...drawn];
  run.recordData(record, hashFiles(files), { prompt, count: files.length });
  copyImages(drawn, copies);
  return files;
}

function isRecorded(files: readonly string[], sha256: string | undefined): boolean {
  return (
    sha256 !== undefined && files.every((file) => existsSync(file)) && hashFiles(files) === sha256
  );
}

async function drawMissing(
  { generator, components, hash }: ClassModel,
  missing: number,
  {
    data,
    context: { signal, print },
  }: {
    data: DreamboothSettings["data"];
    context: Pick<ExperimentContext, "signal" | "print">;
  },
): Promise<string[]> {
  if (missing === 0) return [];
  const { prompt, seed, steps, guidanceScale, eta } = data.class;
  return keptImages({
    generator,
    modelHash: hash,
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
}
