import * as tf from "@tensorflow/tfjs";

import type { Compile, CompiledFunction } from "../base/compile.ts";
import { InputError } from "../base/errors.ts";
import { hostTensor, toTensor, type HostTensor } from "../base/hostTensor.ts";
import { ClipTextEncoder } from "../models/clipTextEncoder.ts";
import { ClipVisionEncoder } from "../models/clipVisionEncoder.ts";
import { describeReport, loadParameters } from "../nn/loadParameters.ts";
import type { Parameters } from "../nn/parameterScope.ts";
import { loadTokenizer } from "../tokenizers/loadTokenizer.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import { readClipFolder, type ClipFolder } from "../weights/clipFolder.ts";
import type { JsonObject } from "../weights/jsonFile.ts";
import type { LoadModelOptions } from "./loadPipeline.ts";

/** What transformers leaves out of a `config.json` because it is the original's. */
const textDefaults = {
  vocab_size: 49_408,
  hidden_size: 512,
  intermediate_size: 2048,
  num_hidden_layers: 12,
  num_attention_heads: 8,
  eos_token_id: 49_407,
};
const visionDefaults = {
  hidden_size: 768,
  intermediate_size: 3072,
  num_hidden_layers: 12,
  num_attention_heads: 12,
};

/** Compares pictures with texts and with each other. */
export interface Clip {
  /** Side of the pictures that it takes, in pixels. */
  readonly imageSize: number;
  /** Content of `preprocessor_config.json`. */
  readonly preprocessorConfig: JsonObject;
  /**
   * Vectors of length 1: their dot products are cosines.
   *
   * @param pixels of each picture `[3, imageSize, imageSize]`, normalised
   */
  imageFeatures(pixels: readonly HostTensor[]): Promise<Float32Array[]>;
  /** As `imageFeatures`; the end of a text that is too long is left out. */
  textFeatures(texts: readonly string[]): Promise<Float32Array[]>;
  /** Frees the models. */
  dispose(): void;
}

/**
 * Loads a CLIP in the folder layout of transformers.
 *
 * @param folder `fetchModel(source, { kind: "clip" })` gives one for `hf:owner/name`
 * @throws {InputError} naming what is missing, corrupt, another model, or does not fit
 */
export function loadClip(folder: string, compile: Compile, options: LoadModelOptions = {}): Clip {
  const files = readClipFolder(folder, options);
  const tokenizer = loadTokenizer(folder);
  return new LoadedClip(files, tokenizer, compile, options);
}

type Encode<Input extends tf.NamedTensorMap> = CompiledFunction<Input, { features: tf.Tensor }>;

class LoadedClip implements Clip {
  readonly preprocessorConfig: JsonObject;
  readonly #text: ClipTextEncoder;
  readonly #vision: ClipVisionEncoder;
  readonly #tokenizer: Tokenizer;
  readonly #encodeImages: Encode<{ pixels: tf.Tensor }>;
  readonly #encodeTexts: Encode<{ ids: tf.Tensor }>;

  constructor(
    files: ClipFolder,
    tokenizer: Tokenizer,
    compile: Compile,
    options: LoadModelOptions,
  ) {
    const { text, vision } = loadTowers(files, options);
    this.preprocessorConfig = files.preprocessorConfig;
    this.#text = text;
    this.#vision = vision;
    this.#tokenizer = tokenizer;
    this.#encodeImages = compile(({ pixels }) => ({
      features: ofLengthOne(vision.forward(pixels).projected),
    }));
    this.#encodeTexts = compile(({ ids }) => ({
      features: ofLengthOne(text.forward(ids).projected!),
    }));
  }

  get imageSize(): number {
    return this.#vision.config.image_size;
  }

  /** One by one, so that any number has the shape that was recorded. */
  async imageFeatures(pixels: readonly HostTensor[]): Promise<Float32Array[]> {
    const rows: Float32Array[] = [];
    for (const { values, shape } of pixels) {
      const input = toTensor(hostTensor(values, [1, ...shape]));
      rows.push(await read(input, () => this.#encodeImages({ pixels: input })));
    }
    return rows;
  }

  async textFeatures(texts: readonly string[]): Promise<Float32Array[]> {
    const length = this.#text.config.max_position_embeddings;
    const rows: Float32Array[] = [];
    for (const text of texts) {
      const ids = this.#tokenizer.encode(text, { padTo: length, maxLength: length });
      const input = toTensor(hostTensor(ids, [1, length]));
      rows.push(await read(input, () => this.#encodeTexts({ ids: input })));
    }
    return rows;
  }

  dispose(): void {
    this.#encodeImages.dispose();
    this.#encodeTexts.dispose();
    this.#text.dispose();
    this.#vision.dispose();
  }
}

/** The values that a function computes from one tensor, which is disposed of. */
async function read(
  input: tf.Tensor,
  run: () => Promise<{ features: tf.Tensor }>,
): Promise<Float32Array> {
  const { features } = await run();
  const values = Float32Array.from(await features.data<"float32">());
  tf.dispose([input, features]);
  return values;
}

function ofLengthOne(rows: tf.Tensor2D): tf.Tensor {
  return rows.div(rows.square().sum(1, true).sqrt());
}

function loadTowers(
  { config, weightsFile, tensors }: ClipFolder,
  { strict = true, report = (line) => console.error(line) }: LoadModelOptions,
): { text: ClipTextEncoder; vision: ClipVisionEncoder } {
  const made: { dispose(): void }[] = [];
  const keep = <Made extends { dispose(): void }>(model: Made): Made => {
    made.push(model);
    return model;
  };
  try {
    const text = keep(new ClipTextEncoder(textConfig(config), { seed: null }));
    const vision = keep(new ClipVisionEncoder(visionConfig(config), { seed: null }));
    const parameters: Parameters = new Map([...text.parameters, ...vision.parameters]);
    const unloaded = describeReport(loadParameters(parameters, tensors, { rename, strict }));
    if (unloaded !== "") report(`Loaded ${weightsFile} but for ${unloaded}`);
    return { text, vision };
  } catch (cause) {
    for (const model of made) model.dispose();
    if (cause instanceof InputError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot load ${weightsFile}: ${reason}`, { cause });
  }
}

/** Without the temperature of CLIP's own training, and the list of positions of older files. */
function rename(name: string): string | undefined {
  return name === "logit_scale" || name.endsWith("position_ids") ? undefined : name;
}

function textConfig(config: JsonObject): object {
  const architectures = ["CLIPTextModelWithProjection"];
  return { ...textDefaults, ...Object(config["text_config"]), ...shared(config), architectures };
}

function visionConfig(config: JsonObject): object {
  return { ...visionDefaults, ...Object(config["vision_config"]), ...shared(config) };
}

/** The width in which both towers meet stands outside of their own settings. */
function shared({ projection_dim }: JsonObject): object {
  return { projection_dim: projection_dim ?? 512 };
}
