/** @file DreamBooth: teach a text-to-image model a new subject from a few pictures. */
import { existsSync } from "node:fs";

import {
  disposePipeline,
  fetchModel,
  loadPipeline,
  readImages,
  savePipeline,
  type Experiment,
  type ExperimentContext,
  type ExperimentSpec,
  type Run,
  type TextToImage,
  type TrainingModule,
} from "seedbed";

import { diffusionModule } from "../textToImage/diffusionModule.ts";
import { checkPictures } from "./checkPictures.ts";
import { checkPrompts } from "./checkPrompts.ts";
import { dreamboothLoaders } from "./dataset.ts";
import { denoisingTask, trainedScheduler, warnOfScheduler } from "./denoisingTask.ts";
import { pairing } from "./dreamboothLoss.ts";
import { openModels, type DreamboothModels } from "./dreamboothModels.ts";
import { evaluate } from "./evaluation/evaluate.ts";
import { checkPairs } from "./incompatible.ts";
import { measureSubjects } from "./measureSubjects.ts";
import { encodingModule } from "./pictures/encodingModule.ts";
import { prepareSubject, type PreparedSubject } from "./prepareSubject.ts";
import { saveBeforeAfter, sampleSet, type SampleSet } from "./samples.ts";
import { sections, settingsOfSubjects, type DreamboothSettings } from "./settings.ts";
import { readMasks } from "./subjectMasks.ts";
import { warnOfFamiliar } from "./tokenFamiliarity.ts";
import { adapterFiles, adaptedPipeline } from "./trains/adaptedPipeline.ts";
import { parameterCounts } from "./trains/parameterCounts.ts";
import { checkLayers, trainedParts } from "./trains/trainedParts.ts";
import { withAutoencoder } from "./trains/withAutoencoder.ts";
import { checkValidation } from "./validation/checkValidation.ts";
import { withValidation } from "./validation/withValidation.ts";

/** Everything the spec names is opened before any work starts. */
async function check(spec: ExperimentSpec, warn: (line: string) => void): Promise<void> {
  checkPairs(spec, warn);
  const bySubject = settingsOfSubjects(spec);
  const settings = bySubject[0]!;
  const { model } = settings;
  const loaded = loadPipeline(await fetchModel(model.folder));
  try {
    checkLayers(loaded, model);
    const adapted = await adaptedPipeline(loaded, model, spec.seed);
    adapted.dispose();
    const { components } = adapted;
    const { scheduler } = components;
    warnOfScheduler(scheduler, trainedScheduler(scheduler, settings), warn);
    for (const { data, sampling, validation, loss } of bySubject) {
      await checkPictures(data, components, warn);
      if (loss.masked) await readMasks(await readImages(data.instance.folder), data.instance.masks);
      checkPrompts(data, [...sampling.prompts, ...validation.prompts], components, warn);
    }
    await checkValidation(settings, components, warn);
  } finally {
    disposePipeline(loaded);
  }
}

async function run(context: ExperimentContext): Promise<Record<string, number | string>> {
  const bySubject = settingsOfSubjects(context.spec);
  const models = await openModels(bySubject, context);
  try {
    const tokensAreOld = bySubject[0]!.model.inversion === null; // a learned one means its initializer at first
    for (const own of tokensAreOld ? bySubject : []) {
      await warnOfFamiliar(own.data, models.components, context);
    }
    const before = await samples(models.generator, bySubject, context, "before");
    const subjects: PreparedSubject[] = [];
    for (const own of bySubject) subjects.push(await prepareSubject(models, own, context));
    const trained = await train(models, subjects, bySubject, context);
    const after = await samples(models.trainedGenerator, bySubject, context, "after");
    if (context.world.rank > 0) return {};
    const { run: record } = context;
    await savePipeline(record.path("model"), models.trained);
    await models.adapted.write(record.path());
    recordOutputs(record, trained.steps);
    const drawn = bySubject.map((own, i) => ({
      ...{ before: before[i]!, after: after[i]!, settings: own },
      subjects: subjects[i]!.images,
    }));
    await saveBeforeAfter(drawn, context, trained.steps);
    const measured = await measureSubjects(drawn, context);
    return { ...trained, ...measured, grid: record.path("before-after.png") };
  } finally {
    models.dispose();
  }
}

/** The model, and what was trained beside its weights. */
function recordOutputs(record: Run, step: number): void {
  record.recordArtifact({ name: "model", type: "model", path: record.path("model"), step });
  for (const [name, file] of Object.entries(adapterFiles)) {
    const place = record.path(file);
    if (existsSync(place)) record.recordArtifact({ name, type: "adapter", path: place, step });
  }
}

/** @returns lines of the summary: how long, what learnt, and the last loss */
async function train(
  models: DreamboothModels,
  subjects: readonly PreparedSubject[],
  bySubject: readonly DreamboothSettings[],
  context: ExperimentContext,
): Promise<{ steps: number; "train/loss": number }> {
  const { spec, resumeFrom } = context;
  const { components, trained, generator, trainedGenerator, embeddings } = models;
  const loaders = dreamboothLoaders({
    subjects: subjects.map(({ examples }) => examples),
    batchSize: bySubject[0]!.data.batchSize,
    seed: spec.seed,
  });
  const module = dreamboothModule(models, bySubject[0]!, spec);
  const looked = {
    context,
    base: { components, generator },
    tuned: { components: trained, generator: trainedGenerator },
    bySubject: bySubject.map((own, i) => ({
      ...{ settings: own, images: subjects[i]!.images },
      copies: subjects[i]!.examples.pictures.copies,
    })),
  };
  const { step, metrics } = await withValidation(looked, (callbacks) =>
    context.createTrainer(callbacks).fit(module, { ...embeddings.load(loaders), resumeFrom }),
  );
  const loss = metrics["train/loss"] ?? Number.NaN;
  return { steps: step, ...parameterCounts(module), "train/loss": loss };
}

function dreamboothModule(
  { components, trained, adapted }: DreamboothModels,
  settings: DreamboothSettings,
  spec: ExperimentSpec,
): TrainingModule {
  const { model, data } = settings;
  const denoiser = diffusionModule({
    unet: components.unet.model,
    textEncoder: components.textEncoder.model,
    denoising: denoisingTask(trained.scheduler, settings),
    ...trainedParts(spec, model, adapted),
    gradientCheckpointing: model.gradientCheckpointing,
    ...pairing(settings),
  });
  return model.trains.vae
    ? withAutoencoder(denoiser, components.vae.model)
    : encodingModule(denoiser, components.vae.model, data.cache.posterior);
}

/** Of each subject; none on workers other than rank 0, which reports for all. */
async function samples(
  generator: TextToImage,
  bySubject: readonly DreamboothSettings[],
  context: ExperimentContext,
  moment: "before" | "after",
): Promise<SampleSet[]> {
  const sets: SampleSet[] = [];
  if (context.world.rank > 0 || context.isEstimate) return sets;
  for (const own of bySubject) sets.push(await sampleSet(generator, own, context, moment));
  return sets;
}

const dreambooth: Experiment = { name: "dreambooth", sections, check, run, evaluate };
export default dreambooth;
