/** @file Trains the bundled text-to-image model: a UNet and its text encoder on drawings. */
import {
  createDenoising,
  createOptimizerConfig,
  disposePipeline,
  encodePng,
  loadAutoencoder,
  rankZeroFirst,
  readPipelineComponent,
  readSchedulerConfig,
  recordModel,
  restoreParameters,
  savePipeline,
  stableDiffusionSchedule,
  textToImage as createGenerator,
  Unet,
  writeFileAtomic,
  type Experiment,
  type ExperimentContext,
  type ExperimentSpec,
  type PipelineComponents,
  type Run,
} from "seedbed";

import { sampleImages } from "../../callbacks/sampleImages.ts";
import { loadEmojiData } from "./dataset.ts";
import { diffusionModule } from "./diffusionModule.ts";
import { latentData, latentLoaders } from "./latents.ts";
import { previewGrid } from "./preview.ts";
import { sections, settingsOf, type TextToImageSettings } from "./settings.ts";
import { newCaptionEncoder, readCaptionEncoder } from "./textEncoder.ts";

/** A new UNet beside a trained autoencoder and a text encoder, trained or new. */
function createComponents({ model }: TextToImageSettings, seed: number | null): PipelineComponents {
  const config = { _class_name: "UNet2DConditionModel", ...model.unet };
  return {
    vae: loadAutoencoder(model.autoencoder),
    ...(typeof model.textEncoder === "string"
      ? readCaptionEncoder(model.textEncoder)
      : newCaptionEncoder(model.textEncoder, seed)),
    unet: { model: new Unet(config, { seed, zeroResiduals: true }), config },
    scheduler: readSchedulerConfig({ ...stableDiffusionSchedule, ...model.scheduler }),
  };
}

function check(spec: ExperimentSpec): void {
  disposePipeline(createComponents(settingsOf(spec), null));
}

async function run(context: ExperimentContext): Promise<Record<string, number | string>> {
  const { spec, world, run: record, compile, signal, resumeFrom, print } = context;
  const settings = settingsOf(spec);
  const { model, sampling } = settings;
  const components = createComponents(settings, spec.seed);
  const { unet, vae, textEncoder, tokenizer } = components;
  recordInputs(record, settings);
  const size = Number(model.unet["sample_size"]) * vae.model.factor;
  const generator = createGenerator(components, compile);
  try {
    const { preset, batchSize, variants, augmentation } = settings.data;
    const data = await loadEmojiData({ preset, size });
    record.recordData("emoji", data.sha256, { drawings: data.drawings.length });
    const latents = await rankZeroFirst(world, "latents", () =>
      latentData({
        data,
        autoencoder: vae.model,
        weightsFile: readPipelineComponent(model.autoencoder, "vae").weightsFile,
        variants,
        augmentation,
        size,
        seed: spec.seed,
        compile,
        signal,
        onProgress: (done, all) => print(`latents ${done}/${all}`),
      }),
    );
    const length = textEncoder.model.config.max_position_embeddings;
    const loaders = latentLoaders({ data, latents, tokenizer, length, batchSize, seed: spec.seed });
    const { scheduler: config } = components;
    const module = diffusionModule({
      unet: unet.model,
      textEncoder: textEncoder.model,
      denoising: createDenoising({ config, minSnrGamma: model.minSnrGamma ?? undefined }),
      trains: { unet: true, textEncoder: model.trainTextEncoder },
      optimizerConfig: createOptimizerConfig(spec),
    });
    if (model.start !== null) restoreParameters(module, model.start, "weightAveraging");
    const previewed = { data, size, seed: spec.seed, sampling, generator, signal };
    const sampler = sampleImages({
      everyNSteps: sampling.everyNSteps,
      key: "samples",
      draw: async () => [await previewGrid(previewed)],
      signal,
    });
    const fit = await context
      .createTrainer(world.rank === 0 ? [sampler] : [])
      .fit(module, { ...loaders, resumeFrom });
    if (world.rank > 0) return {};
    const folder = settings.export.folder ?? record.path("model");
    await savePipeline(folder, components);
    record.recordArtifact({ name: "model", type: "model", path: folder, step: fit.step });
    writeFileAtomic(record.path("samples.png"), await encodePng(await previewGrid(previewed)));
    return {
      steps: fit.step,
      "parameters.unet": count(unet.model.parameters),
      "parameters.textEncoder": count(textEncoder.model.parameters),
      "val/loss": fit.metrics["val/loss"] ?? Number.NaN,
      "val/noiseError": fit.metrics["val/noiseError"] ?? Number.NaN,
      model: folder,
      samples: record.path("samples.png"),
    };
  } finally {
    generator.dispose();
    disposePipeline(components);
  }
}

/** What the run starts from; of a text encoder that learns, a checkpoint has all of it. */
function recordInputs(record: Run, { model }: TextToImageSettings): void {
  const { autoencoder, textEncoder, trainTextEncoder, start } = model;
  const direction = "input";
  recordModel(record, "autoencoder", autoencoder, ["vae"]);
  if (typeof textEncoder === "string") {
    if (trainTextEncoder) {
      record.recordArtifact({ name: "textEncoder", type: "model", path: textEncoder, direction });
    } else recordModel(record, "textEncoder", textEncoder, ["text_encoder"]);
  }
  if (start === null) return;
  record.recordArtifact({ name: "start", type: "checkpoint", path: start, direction });
}

function count(parameters: ReadonlyMap<string, { size: number }>): number {
  return [...parameters.values()].reduce((sum, { size }) => sum + size, 0);
}

const experiment: Experiment = { name: "textToImage", sections, check, run };
export default experiment;
