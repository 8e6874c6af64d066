/** @file DreamBooth: teach a text-to-image model a new subject from a few pictures. */
import { readdirSync, statSync } from "node:fs";
import path from "node:path";

import {
  createOptimizerConfig,
  disposePipeline,
  fetchModel,
  InputError,
  loadPipeline,
  rankZeroFirst,
  readImages,
  savePipeline,
  textToImage,
  withSampler,
  type Compile,
  type Experiment,
  type ExperimentContext,
  type ExperimentSpec,
  type PipelineComponents,
  type TextToImage,
} from "seedbed";

import { diffusionModule } from "../textToImage/diffusionModule.ts";
import { classImages, copyImages, hashFiles } from "./classImages.ts";
import {
  classLatents,
  dreamboothLoaders,
  pictureSide,
  subjectLatents,
  tokenIds,
} from "./dataset.ts";
import { denoisingTask, trainedComponents, trainedScheduler } from "./denoisingTask.ts";
import { dreamboothLoss } from "./dreamboothLoss.ts";
import { measureFidelity } from "./fidelity.ts";
import { checkPairs } from "./incompatible.ts";
import { saveBeforeAfter, sampleSet, type SampleSet } from "./samples.ts";
import { sections, settingsOf, type DreamboothSettings } from "./settings.ts";
import { namedBackgrounds, subjectCopies } from "./subjectCopies.ts";

const cacheFolder = path.join(".cache", "seedbed", "class-images");

/** Everything the spec names is opened before any work starts. */
async function check(spec: ExperimentSpec, warn: (line: string) => void): Promise<void> {
  checkPairs(spec, warn);
  const settings = settingsOf(spec);
  const { model, data } = settings;
  const components = loadPipeline(await fetchModel(model.folder));
  try {
    trainedScheduler(components.scheduler, settings);
    await readImages(data.instance.folder);
    if (data.instance.reference !== null) await readImages(data.instance.reference);
    if (data.class.folder !== null) await readImages(data.class.folder);
    const named = namedBackgrounds(data.instance).map(({ prompt }) => prompt);
    for (const prompt of [data.instance.prompt, ...named, data.class.prompt]) {
      checkPrompt(prompt, components);
    }
  } finally {
    disposePipeline(components);
  }
}

/** A word that the model cannot see would be ignored in silence. */
function checkPrompt(prompt: string, { tokenizer }: PipelineComponents): void {
  const unknown = tokenizer.unknownWords(prompt);
  if (unknown.length > 0) {
    throw new InputError(
      `Cannot use prompt "${prompt}": the model's vocabulary lacks ${unknown.join(", ")}`,
    );
  }
}

async function run(context: ExperimentContext): Promise<Record<string, number | string>> {
  const { spec, compile, world, run: record, resumeFrom } = context;
  const settings = settingsOf(spec);
  const { model, loss, data } = settings;
  const source = await fetchModel(model.folder, { print: context.print });
  const components = loadPipeline(source);
  const trained = trainedComponents(components, settings);
  const generator = ddimGenerator(components, compile);
  const trainedGenerator =
    loss.predictionType === null ? generator : ddimGenerator(trained, compile);
  try {
    const before = await samples(generator, settings, context, "before");
    const classFiles = await rankZeroFirst(world, "the class's images", () =>
      classPictures(generator, source, settings, context),
    );
    const subjects = await readImages(data.instance.folder);
    record.recordData("instance", hashFiles(subjects.map(({ file }) => file)));
    const copies = await subjectCopies(subjects, {
      size: pictureSide(components),
      variants: data.variants,
      seed: spec.seed,
      instance: data.instance,
    });
    const latents = {
      subject: await subjectLatents(components, copies, compile),
      class:
        classFiles.length > 0 ? await classLatents(components, classFiles, compile) : undefined,
    };
    const loaders = dreamboothLoaders({
      ...latents,
      subjectIds: copies.map(({ prompt }) => tokenIds(components, prompt)),
      classIds: tokenIds(components, data.class.prompt),
      emptyIds: tokenIds(components, ""),
      captionDropout: data.class.captionDropout,
      batchSize: data.batchSize,
      seed: spec.seed,
    });
    const module = diffusionModule({
      unet: components.unet.model,
      textEncoder: components.textEncoder.model,
      denoising: denoisingTask(trained.scheduler, settings),
      trains: model.trains,
      gradientCheckpointing: model.gradientCheckpointing,
      optimizerConfig: createOptimizerConfig(spec),
      combine: (losses) => dreamboothLoss(losses, data.batchSize, loss.priorWeight),
    });
    const fit = await context.createTrainer().fit(module, { ...loaders, resumeFrom });
    const after = await samples(trainedGenerator, settings, context, "after");
    if (!before || !after) return {};
    await savePipeline(record.path("model"), trained);
    const step = fit.step;
    await saveBeforeAfter({ before, after, subjects, settings, context, step });
    return {
      steps: fit.step,
      "train/loss": fit.metrics["train/loss"] ?? Number.NaN,
      ...(await measureFidelity({ before, after, subjects, settings, context })),
      grid: record.path("before-after.png"),
    };
  } finally {
    generator.dispose();
    trainedGenerator.dispose();
    disposePipeline(components);
  }
}

/** Class images are kept by DDIM's settings, whatever sampler the model's folder names. */
function ddimGenerator(components: PipelineComponents, compile: Compile): TextToImage {
  const scheduler = withSampler(components.scheduler, "DDIMScheduler");
  return textToImage({ ...components, scheduler }, compile);
}

/** Undefined on workers other than rank 0, which reports for all. */
async function samples(
  ...[generator, settings, context, moment]: Parameters<typeof sampleSet>
): Promise<SampleSet | undefined> {
  if (context.world.rank > 0) return undefined;
  return sampleSet(generator, settings, context, moment);
}

/** Files of the class: the user's own, or drawn by the model that is not yet trained. */
async function classPictures(
  generator: TextToImage,
  source: string,
  { loss, data }: DreamboothSettings,
  { run: record, signal, print }: ExperimentContext,
): Promise<string[]> {
  if (loss.priorWeight === 0) return [];
  if (data.class.folder !== null) return (await readImages(data.class.folder)).map((i) => i.file);
  const { prompt, count, seed, steps, guidanceScale, eta } = data.class;
  const files = await classImages({
    generator,
    modelHash: hashFiles(weightFiles(source)),
    prompt,
    count,
    seed,
    steps,
    guidanceScale,
    eta,
    batchSize: Math.min(16, count),
    cacheFolder,
    signal,
    onProgress: (made, wanted) => print(`class images ${made}/${wanted}`),
  });
  copyImages(files, record.path("class-images"));
  record.recordData("class", hashFiles(files), { prompt, count });
  return files;
}

/** @param source a pipeline's folder, or the file that holds all of it */
function weightFiles(source: string): string[] {
  if (statSync(source).isFile()) return [source];
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(safetensors|bin)$/.test(name))
    .toSorted()
    .map((name) => path.join(source, name));
}

const dreambooth: Experiment = { name: "dreambooth", sections, check, run };
export default dreambooth;
