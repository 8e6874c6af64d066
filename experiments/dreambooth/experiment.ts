/** @file DreamBooth: teach a text-to-image model a new subject from a few pictures. */
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
import { checkPictures } from "./checkPictures.ts";
import { hashFiles } from "./classImages.ts";
import { classPictures } from "./classPictures.ts";
import { dreamboothLoaders } from "./dataset.ts";
import { denoisingTask, trainedComponents, trainedScheduler } from "./denoisingTask.ts";
import { pairing } from "./dreamboothLoss.ts";
import { measureFidelity } from "./fidelity.ts";
import { checkPairs } from "./incompatible.ts";
import { encodingModule } from "./pictures/encodingModule.ts";
import { textEmbeddings } from "./pictures/textEmbeddings.ts";
import { saveBeforeAfter, sampleSet, type SampleSet } from "./samples.ts";
import { sections, settingsOf } from "./settings.ts";
import { subjectData } from "./subjectData.ts";
import { allPrompts } from "./subjectPrompts.ts";

/** Everything the spec names is opened before any work starts. */
async function check(spec: ExperimentSpec, warn: (line: string) => void): Promise<void> {
  checkPairs(spec, warn);
  const settings = settingsOf(spec);
  const { model, data } = settings;
  const components = loadPipeline(await fetchModel(model.folder));
  try {
    trainedScheduler(components.scheduler, settings);
    await checkPictures(data, components, warn);
    for (const prompt of allPrompts(data)) checkPrompt(prompt, components);
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
  const { spec, compile, world, run: record, resumeFrom, signal } = context;
  const settings = settingsOf(spec);
  const { model, loss, data } = settings;
  const source = await fetchModel(model.folder, { print: context.print });
  const components = loadPipeline(source);
  const trained = trainedComponents(components, settings);
  const generator = ddimGenerator(components, compile);
  const trainedGenerator =
    loss.predictionType === null ? generator : ddimGenerator(trained, compile);
  const embeddings = await textEmbeddings({
    textEncoder: components.textEncoder.model,
    compile,
    place: data.cache.textEmbeddings,
  });
  try {
    const before = await samples(generator, settings, context, "before");
    const classFiles = await rankZeroFirst(world, "the class's images", () =>
      classPictures({ generator, components, source }, settings, context),
    );
    const subjects = await readImages(data.instance.folder);
    record.recordData("instance", hashFiles(subjects.map(({ file }) => file)));
    const given = { subjects, classFiles, seed: spec.seed };
    const examples = await subjectData({ components, compile, data, signal, ...given });
    const loaders = dreamboothLoaders({
      subjects: [examples],
      batchSize: data.batchSize,
      seed: spec.seed,
    });
    const denoiser = diffusionModule({
      unet: components.unet.model,
      textEncoder: components.textEncoder.model,
      denoising: denoisingTask(trained.scheduler, settings),
      trains: model.trains,
      gradientCheckpointing: model.gradientCheckpointing,
      optimizerConfig: createOptimizerConfig(spec),
      ...pairing(settings),
    });
    const module = encodingModule(denoiser, components.vae.model, data.cache.posterior);
    const fit = await context
      .createTrainer()
      .fit(module, { ...embeddings.load(loaders), resumeFrom });
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
    embeddings.dispose();
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

const dreambooth: Experiment = { name: "dreambooth", sections, check, run };
export default dreambooth;
