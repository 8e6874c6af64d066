/** @file Trains the text encoder that the text-to-image model starts from. */
import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import {
  createOptimizerConfig,
  encodePng,
  imageGrid,
  loadAutoencoder,
  rankZeroFirst,
  readSections,
  readParameters,
  readPipelineComponent,
  recordModel,
  tensorToImages,
  writeFileAtomic,
  writePipelineComponent,
  type AutoencoderKl,
  type Compile,
  type Experiment,
  type ExperimentContext,
  type ExperimentSpec,
} from "seedbed";

import {
  loadEmojiData,
  renderValidation,
  validationCaption,
  type EmojiData,
} from "../textToImage/dataset.ts";
import { latentData, latentLoaders } from "../textToImage/latents.ts";
import {
  exportSection,
  latentDataSection,
  type LatentDataSettings,
} from "../textToImage/sections.ts";
import { newCaptionEncoder, type CaptionEncoder } from "../textToImage/textEncoder.ts";
import { latentHead, textEncoderModule, type LatentHead } from "./textEncoderModule.ts";

interface Settings {
  data: LatentDataSettings;
  model: { autoencoder: string; config: Record<string, unknown>; size: number };
  export: { folder: string | null };
}

/** Unseen drawings that the picture shows. */
const shown = 12;

const folder = { type: "string", minLength: 1 } as const;

const sections: Experiment["sections"] = {
  data: latentDataSection,
  model: {
    type: "object",
    description: "The text encoder, and the autoencoder whose latents it learns from.",
    required: ["autoencoder", "config"],
    properties: {
      autoencoder: { ...folder, description: "Pipeline folder that has a `vae/`." },
      config: {
        type: "object",
        description: "Keys of transformers' `text_encoder/config.json`; words are counted here.",
      },
      size: { type: "integer", minimum: 8, default: 64, description: "Side of the pictures." },
    },
  },
  export: exportSection,
};

const settingsOf = (spec: ExperimentSpec): Settings => readSections(spec, sections);

function check(spec: ExperimentSpec): void {
  const { model } = settingsOf(spec);
  newCaptionEncoder(model.config, null).textEncoder.model.dispose();
  loadAutoencoder(model.autoencoder).model.dispose();
}

async function run(context: ExperimentContext): Promise<Record<string, number | string>> {
  const { spec, world, run: record, compile, signal, resumeFrom, print } = context;
  const { data: dataSettings, model, export: target } = settingsOf(spec);
  const { preset, batchSize, variants, augmentation } = dataSettings;
  const { seed } = spec;
  const { size } = model;
  const autoencoder = loadAutoencoder(model.autoencoder).model;
  const encoder = newCaptionEncoder(model.config, seed);
  const { model: textEncoder, config } = encoder.textEncoder;
  const side = size / autoencoder.factor;
  const head = latentHead(
    textEncoder.config.hidden_size,
    [autoencoder.config.latent_channels, side, side],
    seed,
  );
  try {
    recordModel(record, "autoencoder", model.autoencoder, ["vae"]);
    const data = await loadEmojiData({ preset, size });
    record.recordData("emoji", data.sha256, { drawings: data.drawings.length });
    const latents = await rankZeroFirst(world, "latents", () =>
      latentData({
        data,
        autoencoder,
        weightsFile: readPipelineComponent(model.autoencoder, "vae").weightsFile,
        variants,
        augmentation,
        size,
        seed,
        compile,
        signal,
        onProgress: (done, all) => print(`latents ${done}/${all}`),
      }),
    );
    const module = textEncoderModule({
      textEncoder,
      head,
      optimizerConfig: createOptimizerConfig(spec),
    });
    const { tokenizer } = encoder;
    const length = textEncoder.config.max_position_embeddings;
    const loaders = latentLoaders({ data, latents, tokenizer, length, batchSize, seed });
    const fit = await context.createTrainer().fit(module, { ...loaders, resumeFrom });
    if (world.rank > 0) return {};
    const exported = target.folder ?? record.path("model");
    const tensors = await readParameters(textEncoder.parameters);
    writePipelineComponent(exported, "text_encoder", { config, tensors }, { dtype: "F16" });
    record.recordArtifact({ name: "model", type: "model", path: exported, step: fit.step });
    const grid = await meansGrid({ data, size, seed, autoencoder, encoder, head, compile });
    writeFileAtomic(record.path("means.png"), grid);
    return {
      steps: fit.step,
      parameters: [...textEncoder.parameters.values()].reduce((sum, { size: n }) => sum + n, 0),
      "val/loss": fit.metrics["val/loss"] ?? Number.NaN,
      model: path.join(exported, "text_encoder"),
      means: record.path("means.png"),
    };
  } finally {
    tf.dispose([...head.parameters.values()]);
    textEncoder.dispose();
    autoencoder.dispose();
  }
}

interface MeansOptions {
  data: EmojiData;
  size: number;
  seed: number;
  autoencoder: AutoencoderKl;
  encoder: CaptionEncoder;
  head: LatentHead;
  compile: Compile;
}

/** Unseen drawings above what the encoder expects from their captions. */
async function meansGrid(options: MeansOptions): Promise<Uint8Array> {
  const { data, size, seed, autoencoder, encoder, head, compile } = options;
  const { tokenizer, textEncoder } = encoder;
  const length = textEncoder.model.config.max_position_embeddings;
  const drawings = data.validation.slice(0, shown);
  const rendered = drawings.map((drawing) => renderValidation({ data, size, seed }, drawing));
  const rows = drawings.map((drawing, i) =>
    tokenizer.encode(validationCaption(data, drawing, rendered[i]!.attributes), { padTo: length }),
  );
  const expect = compile(({ ids }: { ids: tf.Tensor }) => {
    const latents = autoencoder.unscaleLatents(head.predict(textEncoder.model.encode(ids)));
    return { images: autoencoder.decode(latents).clipByValue(-1, 1) };
  });
  const ids = tf.tensor(Int32Array.from(rows.flatMap((row) => [...row])), [rows.length, length]);
  const { images } = await expect({ ids });
  const made = tensorToImages({ values: await images.data<"float32">(), shape: images.shape });
  tf.dispose([ids, images]);
  expect.dispose();
  const grid = imageGrid([rendered.map(({ rgb }) => rgb), made], {
    rowLabels: ["unseen", "mean"],
    upscale: 2,
  });
  return encodePng(grid);
}

const experiment: Experiment = { name: "textEncoder", sections, check, run };
export default experiment;
