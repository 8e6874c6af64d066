/** @file Trains the autoencoder of the bundled model. */
import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import {
  AutoencoderKl,
  createOptimizerConfig,
  encodePng,
  imageGrid,
  imagesToTensor,
  InputError,
  loadAutoencoder,
  readSections,
  readParameters,
  tensorToImages,
  toTensor,
  writeFileAtomic,
  writePipelineComponent,
  type Compile,
  type Experiment,
  type ExperimentContext,
  type ExperimentSpec,
  type RgbImage,
} from "seedbed";

import {
  loadEmojiData,
  renderValidation,
  renderVariant,
  type EmojiData,
} from "../textToImage/dataset.ts";
import { dataSection, exportSection } from "../textToImage/sections.ts";
import { autoencoderModule } from "./autoencoderModule.ts";
import { autoencoderLoaders } from "./dataset.ts";
import type { ReconstructionLoss } from "./reconstructionLosses.ts";

interface Settings {
  data: { preset: "core" | "full"; batchSize: number };
  model: {
    start: string | null;
    config: Record<string, unknown> | null;
    trainEncoder: boolean;
    loss: ReconstructionLoss;
    klWeight: number;
    size: number;
  };
  export: { folder: string | null };
}

const sections: Experiment["sections"] = {
  data: dataSection,
  model: {
    type: "object",
    description: "The autoencoder and its loss.",
    properties: {
      start: {
        anyOf: [{ type: "string", minLength: 1 }, { type: "null" }],
        default: null,
        description: "Pipeline folder whose `vae/` to start from; null: a new one.",
      },
      config: {
        anyOf: [{ type: "object" }, { type: "null" }],
        default: null,
        description: "Keys of diffusers' `vae/config.json` for a new one.",
      },
      trainEncoder: {
        type: "boolean",
        default: true,
        description: "False: latents stay as they are, and what was trained on them stays valid.",
      },
      loss: {
        enum: ["squared", "detail"],
        default: "squared",
        description:
          "`squared`: mean squared error; `detail`: mean absolute error of pixels and of edges.",
      },
      klWeight: { type: "number", minimum: 0, default: 0.0001 },
      size: { type: "integer", minimum: 8, default: 64, description: "Side of the pictures." },
    },
  },
  export: exportSection,
};

const settingsOf = (spec: ExperimentSpec): Settings => readSections(spec, sections);

function check(spec: ExperimentSpec): void {
  openAutoencoder(spec, null).model.dispose();
}

/** A new autoencoder, or a trained one with its weights and its scaling factor. */
function openAutoencoder(
  spec: ExperimentSpec,
  seed: number | null,
): { model: AutoencoderKl; config: Record<string, unknown> } {
  const { start, config, trainEncoder } = settingsOf(spec).model;
  if ((start === null) === (config === null)) {
    const got = start === null ? "neither" : "both";
    throw new InputError(
      `Cannot train an autoencoder: expected model.start or model.config, got ${got}`,
    );
  }
  if (start !== null) return loadAutoencoder(start);
  if (trainEncoder) return { model: new AutoencoderKl(config, { seed }), config: config! };
  throw new InputError(
    "Cannot train an autoencoder: model.trainEncoder is false, so that the encoder of model.config would never be trained; name a trained one as model.start",
  );
}

async function run(context: ExperimentContext): Promise<Record<string, number | string>> {
  const { spec, world, run: record, compile, resumeFrom } = context;
  const { data: dataSettings, model, export: target } = settingsOf(spec);
  const { size } = model;
  const data = await loadEmojiData({ preset: dataSettings.preset, size });
  record.recordData("emoji", data.sha256, { drawings: data.drawings.length });
  const { model: autoencoder, config } = openAutoencoder(spec, spec.seed);
  if (model.start !== null) {
    record.recordArtifact({ name: "start", type: "model", path: model.start, direction: "input" });
  }
  try {
    const module = autoencoderModule({
      autoencoder,
      optimizerConfig: createOptimizerConfig(spec),
      klWeight: model.klWeight,
      trainEncoder: model.trainEncoder,
      loss: model.loss,
    });
    const { batchSize } = dataSettings;
    const loaders = autoencoderLoaders({ data, size, batchSize, seed: spec.seed });
    const fit = await context.createTrainer().fit(module, { ...loaders, resumeFrom });
    if (world.rank > 0) return {};
    const scalingFactor = model.trainEncoder
      ? await latentScale(autoencoder, data, size, spec.seed, compile)
      : autoencoder.config.scaling_factor;
    const folder = target.folder ?? record.path("model");
    writePipelineComponent(
      folder,
      "vae",
      {
        config: { _class_name: "AutoencoderKL", ...config, scaling_factor: scalingFactor },
        tensors: await readParameters(autoencoder.parameters),
      },
      { dtype: "F16" },
    );
    record.recordArtifact({ name: "model", type: "model", path: folder, step: fit.step });
    const grid = await reconstructionGrid(autoencoder, data, size, spec.seed, compile);
    writeFileAtomic(record.path("reconstructions.png"), grid);
    return {
      steps: fit.step,
      parameters: [...autoencoder.parameters.values()].reduce((sum, { size: n }) => sum + n, 0),
      scalingFactor,
      "val/psnr": fit.metrics["val/psnr"] ?? Number.NaN,
      model: path.join(folder, "vae"),
      reconstructions: record.path("reconstructions.png"),
    };
  } finally {
    autoencoder.dispose();
  }
}

/** 1 / deviation of the training drawings' latents, so that scaled latents have variance 1. */
async function latentScale(
  autoencoder: AutoencoderKl,
  data: EmojiData,
  size: number,
  seed: number,
  compile: Compile,
): Promise<number> {
  const encode = compile(({ images }: { images: tf.Tensor }) => {
    const { mean } = autoencoder.encode(images);
    return { sum: mean.sum().asScalar(), squares: mean.square().sum().asScalar() };
  });
  const batch = 32;
  let [sum, squares, count] = [0, 0, 0];
  for (let start = 0; start + batch <= data.train.length; start += batch) {
    const rendered = data.train
      .slice(start, start + batch)
      .map((drawing, i) => renderVariant({ data, size, seed }, drawing, i % 8).rgb);
    const images = toTensor(imagesToTensor(rendered));
    const result = await encode({ images });
    sum += (await result.sum.data())[0]!;
    squares += (await result.squares.data())[0]!;
    count += batch * autoencoder.config.latent_channels * (size / autoencoder.factor) ** 2;
    tf.dispose([images, result]);
  }
  encode.dispose();
  return 1 / Math.sqrt(squares / count - (sum / count) ** 2);
}

/** Validation drawings above what the autoencoder makes of them. */
async function reconstructionGrid(
  autoencoder: AutoencoderKl,
  data: EmojiData,
  size: number,
  seed: number,
  compile: Compile,
): Promise<Uint8Array> {
  const originals: RgbImage[] = data.validation
    .slice(0, 16)
    .map((drawing) => renderValidation({ data, size, seed }, drawing).rgb);
  const reconstruct = compile(({ images }: { images: tf.Tensor }) => ({
    decoded: autoencoder.decode(autoencoder.encode(images).mean).clipByValue(-1, 1),
  }));
  const images = toTensor(imagesToTensor(originals));
  const { decoded } = await reconstruct({ images });
  const values = await decoded.data<"float32">();
  const made = tensorToImages({ values, shape: decoded.shape });
  tf.dispose([images, decoded]);
  reconstruct.dispose();
  const half = originals.length / 2;
  const rows = [
    originals.slice(0, half),
    made.slice(0, half),
    originals.slice(half),
    made.slice(half),
  ];
  const rowLabels = ["drawing", "decoded", "drawing", "decoded"];
  return encodePng(imageGrid(rows, { rowLabels, upscale: 2 }));
}

const autoencoder: Experiment = { name: "autoencoder", sections, check, run };
export default autoencoder;
