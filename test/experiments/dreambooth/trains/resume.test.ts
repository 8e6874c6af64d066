import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import {
  AutoencoderKl,
  ClipTextEncoder,
  createDenoising,
  createLoader,
  disposePipeline,
  findLastCheckpoint,
  hostTensor,
  RandomStream,
  readSafetensorsHeader,
  readSchedulerConfig,
  sizeOf,
  stableDiffusionSchedule,
  Tokenizer,
  tokenizerTexts,
  Trainer,
  Unet,
  wordLevelTokenizer,
  type DataLoader,
  type PipelineComponents,
  type TrainerOptions,
} from "seedbed";

import { modelCheckpoint } from "../../../../callbacks/modelCheckpoint.ts";
import {
  settingsOf,
  type DreamboothSettings,
} from "../../../../experiments/dreambooth/settings.ts";
import { adaptedPipeline } from "../../../../experiments/dreambooth/trains/adaptedPipeline.ts";
import { trainedParts } from "../../../../experiments/dreambooth/trains/trainedParts.ts";
import { withAutoencoder } from "../../../../experiments/dreambooth/trains/withAutoencoder.ts";
import { diffusionModule } from "../../../../experiments/textToImage/diffusionModule.ts";
import { loadExperimentSpec } from "../../../../framework/cli/loadExperimentSpec.ts";
import { quiet } from "../../../support/fitToy.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const words = wordLevelTokenizer({ words: ["a", "cat"], reservedTokens: ["sks"], maxLength: 6 });
const blocks = { layers_per_block: 1, norm_num_groups: 4 };

/** A whole pipeline of the smallest size. */
function tinyPipeline(): PipelineComponents {
  const tokenizer = new Tokenizer(words.tokenizer, words.config);
  const unet = {
    ...blocks,
    block_out_channels: [8],
    down_block_types: ["CrossAttnDownBlock2D"],
    up_block_types: ["CrossAttnUpBlock2D"],
    attention_head_dim: 1,
    cross_attention_dim: 8,
  };
  const text = {
    vocab_size: tokenizer.vocabularySize,
    hidden_size: 8,
    intermediate_size: 8,
    num_hidden_layers: 1,
    num_attention_heads: 1,
    max_position_embeddings: 6,
    eos_token_id: tokenizer.ids.end,
  };
  const vae = {
    ...blocks,
    block_out_channels: [4, 4],
    down_block_types: ["DownEncoderBlock2D", "DownEncoderBlock2D"],
    up_block_types: ["UpDecoderBlock2D", "UpDecoderBlock2D"],
    mid_block_add_attention: false,
  };
  return {
    unet: { model: new Unet(unet, { seed: 1 }), config: {} },
    textEncoder: { model: new ClipTextEncoder(text, { seed: 2 }), config: {} },
    vae: { model: new AutoencoderKl(vae, { seed: 3 }), config: {} },
    tokenizer,
    tokenizerFiles: tokenizerTexts(words),
    scheduler: readSchedulerConfig(stableDiffusionSchedule),
  };
}

/** Batches of two noisy pictures, or their latents, with the prompt. */
function loader(
  { tokenizer }: PipelineComponents,
  { model, data }: DreamboothSettings,
): DataLoader {
  const [key, shape] = model.trains.vae ? ["images", [3, 8, 8]] : ["latents", [4, 4, 4]];
  const ids = tokenizer.encode(data.instance.prompt, { padTo: 6, maxLength: 6 });
  return createLoader({
    batchSize: 2,
    seed: 1,
    dataset: {
      length: 4,
      get: (index) => ({
        [key]: hostTensor(new RandomStream(1, "pictures", index).normals(sizeOf(shape)), shape),
        ids: hostTensor(ids, [6]),
      }),
    },
  });
}

const inversion = "model.inversion={token: <x>, initializer: cat, vectors: 2}";
const named = "data.instance.prompt=a <x>";
const lora = "model.lora={rank: 2, targets: {unet: [to_q, conv1], textEncoder: [q_proj]}}";

describe("a DreamBooth fit", () => {
  const folder = temporaryFolder();

  /** Bytes of what was trained and of what was not, by name, after the fit. */
  async function fit(
    overrides: readonly string[],
    { resumeFrom, ...options }: TrainerOptions & { resumeFrom?: string | undefined } = {},
  ): Promise<{ trained: Map<string, string>; frozen: Map<string, string> }> {
    const { spec } = await loadExperimentSpec("configs/dreambooth.yaml", [
      "data.instance.prompt=a sks",
      ...overrides,
    ]);
    const settings = settingsOf(spec);
    const loaded = tinyPipeline();
    const adapted = await adaptedPipeline(loaded, settings.model, spec.seed);
    const denoiser = diffusionModule({
      unet: loaded.unet.model,
      textEncoder: loaded.textEncoder.model,
      denoising: createDenoising({ config: loaded.scheduler }),
      ...trainedParts(spec, settings.model, adapted),
    });
    const module = settings.model.trains.vae
      ? withAutoencoder(denoiser, loaded.vae.model)
      : denoiser;
    const trainer = new Trainer({
      ...quiet,
      maxSteps: 3,
      checkpointsFolder: folder.path("checkpoints"),
      ...options,
    });
    try {
      const trainLoader = loader(adapted.components, settings);
      await trainer.fit(module, { trainLoader, resumeFrom });
      return {
        trained: bytesOf(module.trainableParameters()),
        frozen: bytesOf(module.frozenParameters?.() ?? new Map()),
      };
    } finally {
      adapted.dispose();
      disposePipeline(loaded);
    }
  }

  const bytesOf = (variables: ReadonlyMap<string, tf.Variable>): Map<string, string> =>
    new Map(
      [...variables].map(([name, variable]) => [
        name,
        Buffer.from(variable.dataSync().slice().buffer).toString("hex"),
      ]),
    );

  /** Parameters whose moments a checkpoint has. */
  const withMoments = (checkpoint: string): string[] => {
    const { tensors } = readSafetensorsHeader(path.join(checkpoint, "optimizer.safetensors"));
    return [...new Set(Array.from(tensors.keys(), (name) => name.replace(/^\w+\//, "")))];
  };

  const prefixes = (names: Iterable<string>): string[] =>
    [...new Set(Array.from(names, (name) => name.split(".")[0]!))].toSorted();

  const cases: { title: string; overrides: string[]; parts: string[] }[] = [
    { title: "everything but the VAE", overrides: [], parts: ["text_encoder", "unet"] },
    {
      title: "some layers of the UNet",
      overrides: ['model.trains={unet: [attn2, "mid_block.*"], textEncoder: false}'],
      parts: ["unet"],
    },
    {
      title: "the text encoder for two steps",
      overrides: ["model.trains.textEncoderUntil=2"],
      parts: ["text_encoder", "unet"],
    },
    {
      title: "parts with learning rates of their own",
      overrides: ["model.learningRates={unet: 0.001, textEncoder: 0.01}"],
      parts: ["text_encoder", "unet"],
    },
    { title: "LoRA", overrides: [lora], parts: ["text_encoder", "unet"] },
    {
      title: "a token alone",
      overrides: [inversion, named, "model.trains={unet: false, textEncoder: false}"],
      parts: ["tokens"],
    },
    {
      title: "LoRA and a token, the text encoder for one step",
      overrides: [
        ...[lora, inversion, named],
        "model.learningRates.tokens=0.01",
        "model.trains.textEncoderUntil=1 step",
      ],
      parts: ["text_encoder", "tokens", "unet"],
    },
    {
      title: "the VAE as well",
      overrides: ["model.trains.vae=true", "data.cache.latents=none"],
      parts: ["text_encoder", "unet", "vae"],
    },
  ];
  for (const { title, overrides, parts } of cases) {
    it(`trains ${title} and keeps moments of nothing else, with the same bits when it is resumed`, async () => {
      const start = await fit(overrides, { maxSteps: 0 });
      const whole = await fit(overrides);
      const changed = [...whole.trained].filter(
        ([name, bytes]) => start.trained.get(name) !== bytes,
      );
      expect(prefixes(changed.map(([name]) => name))).to.deep.equal(parts);
      expect(whole.frozen).to.deep.equal(start.frozen);
      await fit(overrides, { maxSteps: 2, callbacks: [modelCheckpoint()] });
      const resumeFrom = findLastCheckpoint(folder.path("checkpoints"));
      expect(withMoments(resumeFrom!)).to.have.members([...whole.trained.keys()]);
      const resumed = await fit(overrides, { resumeFrom });
      expect(resumed.trained).to.deep.equal(whole.trained);
    });
  }
});
