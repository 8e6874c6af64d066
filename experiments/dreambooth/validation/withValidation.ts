import { encodePng, type Callback, type ExperimentContext } from "seedbed";

import { sampleImages } from "../../../callbacks/sampleImages.ts";
import { openJudges } from "./judges.ts";
import { metricsCallback } from "./metricsCallback.ts";
import { promptGrid, type PromptGrid } from "./promptGrid.ts";
import { reconstructionGrid } from "./reconstructions.ts";
import { subjectsQuality } from "./subjectsQuality.ts";
import type { ValidationOptions } from "./validationOptions.ts";
import { validationSampler } from "./validationSampler.ts";

const reconstructionsKey = "validation/reconstructions";

/**
 * Trains with the callbacks that the section `validation` asks for. Called before training, since
 * metrics compare with what the model draws then. Rank 0 draws and measures for all workers.
 */
export async function withValidation<Result>(
  options: ValidationOptions,
  train: (callbacks: readonly Callback[]) => Promise<Result>,
): Promise<Result> {
  const { base, tuned, bySubject, context } = options;
  const { settings } = bySubject[0]!;
  const { metrics, clip, everyNSteps } = settings.validation;
  const sampler = validationSampler(tuned, settings, context);
  const baseSampler = validationSampler(base, settings, context);
  const prompts = bySubject.flatMap((subject) => subject.settings.validation.prompts);
  const grid = promptGrid(sampler, { ...settings.validation, prompts });
  const callbacks = await pictureCallbacks(options, grid);
  const measures = metrics || clip !== null;
  const judges = measures && context.world.rank === 0 ? await openJudges(options) : undefined;
  try {
    if (measures) {
      const { world, signal } = context;
      const quality = judges && (await subjectsQuality(judges, { sampler, baseSampler }));
      const measure = async () => (await quality?.measure(grid.latest)) ?? {};
      callbacks.push(metricsCallback({ everyNSteps, signal, world, measure }));
    }
    return await train(callbacks);
  } finally {
    sampler.dispose();
    baseSampler.dispose();
    await judges?.dispose();
  }
}

/** What logs pictures; reconstructions that are wanted once are logged here. */
async function pictureCallbacks(
  { base, bySubject, context }: ValidationOptions,
  grid: PromptGrid,
): Promise<Callback[]> {
  const { reconstructions, everyNSteps } = bySubject[0]!.settings.validation;
  const copies = bySubject.flatMap((subject) => subject.copies);
  if (context.world.rank > 0) return [];
  const moments = { everyNSteps, signal: context.signal };
  const reconstruct = () => reconstructionGrid(base.components.vae.model, copies, context.compile);
  if (reconstructions === "once") await logOnce(context, reconstruct);
  const callbacks: Callback[] = [];
  if (!grid.isEmpty) {
    const draw = async () => [await grid.draw()];
    callbacks.push(sampleImages({ ...moments, key: "validation/samples", draw }));
  }
  if (reconstructions === "always") {
    const draw = async () => [await reconstruct()];
    callbacks.push(sampleImages({ ...moments, key: reconstructionsKey, draw }));
  }
  return callbacks;
}

/** Logs them before the first step; a run that is resumed has them. */
async function logOnce(
  { run, resumeFrom }: ExperimentContext,
  reconstruct: () => ReturnType<typeof reconstructionGrid>,
): Promise<void> {
  if (resumeFrom !== undefined) return;
  const grid = await reconstruct();
  const { width, height, caption } = grid;
  const image = { png: await encodePng(grid), width, height, caption };
  const point = { step: 0, epoch: 0, wallTimeSeconds: Date.now() / 1000 };
  await run.logImages(reconstructionsKey, [image], point);
}
