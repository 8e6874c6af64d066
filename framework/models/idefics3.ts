import * as tf from "@tensorflow/tfjs";

import type { HostTensor } from "../base/hostTensor.ts";
import { normal } from "../nn/initializers.ts";
import { linear, type Layer } from "../nn/layers.ts";
import { embedding as lookUp } from "../nn/ops/index.ts";
import {
  ParameterScope,
  type Parameters,
  type ParameterScopeOptions,
} from "../nn/parameterScope.ts";
import { pixelShuffle } from "../nn/pixelShuffle.ts";
import { Decoder, type DecoderInputs, type DecoderOutput } from "./decoder.ts";
import { imageFrames, type ImageFrames } from "./imageFrames.ts";
import { ModelConfigReader } from "./modelConfig.ts";
import { readSiglipConfig, SiglipVisionEncoder, type SiglipConfig } from "./siglip.ts";

const modelTypes = ["idefics3", "smolvlm"] as const;
const classes = ["Idefics3ForConditionalGeneration", "SmolVLMForConditionalGeneration"];

/** What transformers leaves out of a `text_config` because it is Llama's own. */
const textDefaults = {
  model_type: "llama",
  vocab_size: 32_000,
  hidden_size: 4096,
  intermediate_size: 11_008,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  max_position_embeddings: 2048,
};

/** The keys of transformers' `config.json` of Idefics3 and SmolVLM that we read. */
export interface Idefics3Config {
  /** For a `Decoder`. */
  text_config: object;
  vision_config: SiglipConfig;
  /** Stands in a text where a token of a picture goes. */
  image_token_id: number;
  /** So many patches, in both directions, make a token. */
  scale_factor: number;
  tie_word_embeddings: boolean;
}

/** @throws {TypeError | RangeError} naming the key that is missing, wrong or not supported */
export function readIdefics3Config(config: unknown): Idefics3Config {
  const read = new ModelConfigReader("Idefics3", config);
  read.word("model_type", modelTypes);
  const { architectures, text_config, vision_config }: Record<string, unknown> = Object(config);
  const isOurs = Array.isArray(architectures) && classes.some((each) => architectures.includes(each));
  if (read.has("architectures") && !isOurs) {
    throw read.problem("architectures", `one of ${classes.join(", ")}`);
  }
  const tie_word_embeddings = read.boolean("tie_word_embeddings", false);
  return {
    // It may name a class of its own, whose parameters are none the less Llama's.
    text_config: {
      ...textDefaults,
      ...Object(text_config),
      architectures: null,
      tie_word_embeddings,
    },
    vision_config: readSiglipConfig(vision_config),
    image_token_id: read.integer("image_token_id", 128_257, 0),
    scale_factor: read.integer("scale_factor", 2),
    tie_word_embeddings,
  };
}

export interface Idefics3Inputs extends Omit<DecoderInputs, "ids" | "embeddings"> {
  /** int32 `[batch, tokens]` */
  ids: tf.Tensor;
  /**
   * Frames in the order of their tokens, as `imageFrames` gives them: `[frames, channels, height,
   * width]`. Default: the text has no picture.
   */
  pixels?: tf.Tensor | undefined;
  /** int32 `[frames, patches]`, as `imageFrames` gives them. */
  patchMask?: tf.Tensor | undefined;
  patchPositions?: tf.Tensor | undefined;
}

/** A picture on its way to the text's features. */
export interface ImageFeatures {
  /** Patches with their places, `[frames, patches, vision hidden_size]`. */
  embedded: tf.Tensor3D;
  lastHiddenState: tf.Tensor3D;
  /** `[frames, tokens, vision hidden_size * scale_factor^2]` */
  shuffled: tf.Tensor3D;
  /** `[frames, tokens, text hidden_size]` */
  features: tf.Tensor3D;
}

/**
 * A language model that sees pictures, as transformers' `Idefics3ForConditionalGeneration`
 * (SmolVLM): a vision tower, a linear connector, and a decoder in which the picture's tokens take the
 * place of the text's image tokens. Parameters have transformers' names. Pure TF.js.
 *
 * Source: Laurençon et al. 2024, arXiv:2408.12637; Marafioti et al. 2025, arXiv:2504.05299.
 */
export class Idefics3 {
  readonly config: Idefics3Config;
  readonly parameters: Parameters;
  readonly vision: SiglipVisionEncoder;
  readonly text: Decoder;
  readonly #connector: Layer;

  /** @param config a transformers `config.json`, parsed */
  constructor(config: unknown, options: ParameterScopeOptions) {
    this.config = readIdefics3Config(config);
    const { text_config, vision_config, scale_factor } = this.config;
    const root = new ParameterScope(options);
    this.parameters = root.parameters;
    this.vision = new SiglipVisionEncoder(vision_config, {
      ...options,
      root,
      prefix: "model.vision_model",
    });
    this.text = new Decoder(text_config, { ...options, root, prefix: "model.text_model" });
    this.#connector = linear(
      root.at("model.connector.modality_projection.proj"),
      vision_config.hidden_size * scale_factor ** 2,
      this.text.config.hidden_size,
      { bias: false, weightInitializer: normal(this.text.config.initializer_range) },
    );
  }

  /** Tokens of a frame of the largest size. */
  get tokensPerFrame(): number {
    return (this.vision.side / this.config.scale_factor) ** 2;
  }

  /** Makes pictures ready for {@link Idefics3.forward}; see `imageFrames`. */
  frames(pixels: HostTensor, pixelMask?: HostTensor): ImageFrames {
    return imageFrames(pixels, this.config.vision_config, this.vision.side, pixelMask);
  }

  /** @throws {RangeError} when shapes or types do not fit */
  forward(inputs: Idefics3Inputs): DecoderOutput {
    const { ids, pixels, ...rest } = inputs;
    return tf.tidy(() => {
      const embeddings = this.text.embed(ids);
      if (!pixels) return this.text.forward({ embeddings, ...rest });
      const { features } = this.imageFeatures(inputs);
      return this.text.forward({ embeddings: this.#merge(ids, embeddings, features), ...rest });
    });
  }

  /** What the text is given of pictures. */
  imageFeatures({
    pixels,
    patchMask: mask,
    patchPositions: positions,
  }: Pick<Idefics3Inputs, "pixels" | "patchMask" | "patchPositions">): ImageFeatures {
    const valid = mask && positions && { mask, positions };
    return tf.tidy(() => {
      const vision = this.vision.forward(pixels!, valid);
      const shuffled = pixelShuffle(vision.lastHiddenState, this.config.scale_factor);
      const [frames, tokens] = shuffled.shape;
      const features = this.#connector(shuffled);
      return {
        ...vision,
        shuffled,
        features: features.as3D(frames, tokens, this.text.config.hidden_size),
      };
    });
  }

  dispose(): void {
    tf.dispose([...this.parameters.values()]);
    this.parameters.clear();
  }

  /** Puts the pictures' tokens, in their order, where the text has image tokens. */
  #merge(ids: tf.Tensor, embeddings: tf.Tensor, features: tf.Tensor): tf.Tensor {
    const { hidden_size } = this.text.config;
    const isImage = ids.equal(tf.scalar(this.config.image_token_id, "int32"));
    const rows = features.reshape([-1, hidden_size]);
    const last = rows.shape[0]! - 1;
    const place = isImage.toFloat().flatten().cumsum().sub(1).clipByValue(0, last).toInt();
    const picked = lookUp(rows, place.reshape(ids.shape));
    return tf.where(isImage.expandDims(-1), picked, embeddings);
  }
}

/**
 * How many image tokens a text must have for its pictures.
 *
 * @throws {RangeError} when it has others
 */
export function checkImageTokens(
  ids: HostTensor,
  { image_token_id }: Pick<Idefics3Config, "image_token_id">,
  expected: number,
): void {
  let count = 0;
  for (const id of ids.values) if (id === image_token_id) count++;
  if (count === expected) return;
  throw new RangeError(
    `Cannot show pictures: expected ${expected} image tokens of id ${image_token_id} for them, got ${count}`,
  );
}
