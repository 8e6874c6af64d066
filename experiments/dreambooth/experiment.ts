/** @file DreamBooth: teach a text-to-image model a new subject from a few pictures. */
import {
  disposePipeline,
  fetchModel,
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
import { checkPictures } from "./checkPictures.ts";
import { checkPrompts } from "./checkPrompts.ts";
import { classPictures, type ClassModel } from "./classPictures.ts";
import { dreamboothLoaders } from "./dataset.ts";
import {
  changesScheduler,
  denoisingTask,
  trainedComponents,
  trainedScheduler,
} from "./denoisingTask.ts";
import { pairing } from "./dreamboothLoss.ts";
import { evaluate } from "./evaluation/evaluate.ts";
import { checkPairs } from "./incompatible.ts";
import { measureSubjects } from "./measureSubjects.ts";
import { encodingModule } from "./pictures/encodingModule.ts";
import { textEmbeddings } from "./pictures/textEmbeddings.ts";
import { prepareSubject, type PreparedSubject } from "./prepareSubject.ts";
import { saveBeforeAfter, sampleSet, type SampleSet } from "./samples.ts";
import { sections, settingsOfSubjects, type DreamboothSettings } from "./settings.ts";
import { readMasks } from "./subjectMasks.ts";
import { warnOfFamiliar } from "./tokenFamiliarity.ts";
import { adaptedPipeline } from "./trains/adaptedPipeline.ts";
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
    trainedScheduler(components.scheduler, settings);
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
  const { spec, compile, world, run: record, resumeFrom } = context;
  const bySubject = settingsOfSubjects(spec);
  const settings = bySubject[0]!;
  const { model, data } = settings;
  const source = await fetchModel(model.folder, { print: context.print });
  const loaded = loadPipeline(source);
  const plain = ddimGenerator(loaded, compile);
  if (model.lora || model.inversion) {
    await drawClasses({ generator: plain, components: loaded, source }, bySubject, context);
  }
  const adapted = await adaptedPipeline(loaded, model, spec.seed);
  const { components } = adapted;
  const trained = trainedComponents(components, settings);
  const generator = components === loaded ? plain : ddimGenerator(components, compile);
  const trainedGenerator = changesScheduler(settings) ? ddimGenerator(trained, compile) : generator;
  const embeddings = await textEmbeddings({
    textEncoder: components.textEncoder.model,
    compile,
    place: data.cache.textEmbeddings,
  });
  try {
    const tokensAreOld = model.inversion === null; // a learned one means its initializer at first
    for (const own of tokensAreOld ? bySubject : []) {
      await warnOfFamiliar(own.data, components, context);
    }
    const before = await samples(generator, bySubject, context, "before");
    const subjects: PreparedSubject[] = [];
    for (const own of bySubject) {
      subjects.push(await prepareSubject({ generator, components, source }, own, context));
    }
    const loaders = dreamboothLoaders({
      subjects: subjects.map(({ examples }) => examples),
      batchSize: data.batchSize,
      seed: spec.seed,
    });
    const denoiser = diffusionModule({
      unet: components.unet.model,
      textEncoder: components.textEncoder.model,
      denoising: denoisingTask(trained.scheduler, settings),
      ...trainedParts(spec, model, adapted),
      gradientCheckpointing: model.gradientCheckpointing,
      ...pairing(settings),
    });
    const module = model.trains.vae
      ? withAutoencoder(denoiser, components.vae.model)
      : encodingModule(denoiser, components.vae.model, data.cache.posterior);
    const looked = {
      context,
      base: { components, generator },
      tuned: { components: trained, generator: trainedGenerator },
      bySubject: bySubject.map((own, i) => ({
        ...{ settings: own, images: subjects[i]!.images },
        copies: subjects[i]!.examples.pictures.copies,
      })),
    };
    const fit = await withValidation(looked, (callbacks) =>
      context.createTrainer(callbacks).fit(module, { ...embeddings.load(loaders), resumeFrom }),
    );
    const after = await samples(trainedGenerator, bySubject, context, "after");
    if (world.rank > 0) return {};
    await savePipeline(record.path("model"), trained);
    await adapted.write(record.path());
    const drawn = bySubject.map((own, i) => ({
      ...{ before: before[i]!, after: after[i]!, settings: own },
      subjects: subjects[i]!.images,
    }));
    await saveBeforeAfter(drawn, context, fit.step);
    return {
      steps: fit.step,
      ...parameterCounts(module),
      "train/loss": fit.metrics["train/loss"] ?? Number.NaN,
      ...(await measureSubjects(drawn, context)),
      grid: record.path("before-after.png"),
    };
  } finally {
    embeddings.dispose();
    generator.dispose();
    plain.dispose();
    trainedGenerator.dispose();
    adapted.dispose();
    disposePipeline(loaded);
  }
}

/**
 * Draws the classes' pictures before anything is added to the model, so that they have the bits of
 * the plain one's: what comes later finds them drawn.
 */
async function drawClasses(
  model: ClassModel,
  bySubject: readonly DreamboothSettings[],
  context: ExperimentContext,
): Promise<void> {
  for (const settings of bySubject) {
    await rankZeroFirst(context.world, "the class's images", () =>
      classPictures(model, settings, context),
    );
  }
}

/** Class images are kept by DDIM's settings, whatever sampler the model's folder names. */
function ddimGenerator(components: PipelineComponents, compile: Compile): TextToImage {
  const scheduler = withSampler(components.scheduler, "DDIMScheduler");
  return textToImage({ ...components, scheduler }, compile);
}

/** Of each subject; none on workers other than rank 0, which reports for all. */
async function samples(
  generator: TextToImage,
  bySubject: readonly DreamboothSettings[],
  context: ExperimentContext,
  moment: "before" | "after",
): Promise<SampleSet[]> {
  const sets: SampleSet[] = [];
  if (context.world.rank > 0) return sets;
  for (const own of bySubject) sets.push(await sampleSet(generator, own, context, moment));
  return sets;
}

const dreambooth: Experiment = { name: "dreambooth", sections, check, run, evaluate };
export default dreambooth;
