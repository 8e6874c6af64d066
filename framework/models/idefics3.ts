import * as tf from "@tensorflow/tfjs";

import type { HostTensor } from "../base/hostTensor.ts";
import { embedding as lookUp } from "../nn/ops/index.ts";
import {
  ParameterScope,
  type Parameters,
  type ParameterScopeOptions,
} from "../nn/parameterScope.ts";
import { Decoder, type DecoderInputs, type DecoderOutput } from "./decoder.ts";
import type { Idefics3Config } from "./idefics3Config.ts";
import { imageFrames, type ImageFrames } from "./imageFrames.ts";
import { PictureEncoder, type ImageFeatures, type PictureInputs } from "./pictureEncoder.ts";
import type { SiglipVisionEncoder } from "./siglip.ts";

export interface Idefics3Inputs extends Omit<DecoderInputs, "ids" | "embeddings"> {
  /** int32 `[batch, tokens]` */
  ids: tf.Tensor;
  /** As a `PictureEncoder` takes them. Default: the text has no picture. */
  pixels?: tf.Tensor | undefined;
  patchMask?: tf.Tensor | undefined;
  patchPositions?: tf.Tensor | undefined;
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
  readonly text: Decoder;
  readonly pictures: PictureEncoder;

  /** @param config a transformers `config.json`, parsed */
  constructor(config: unknown, options: ParameterScopeOptions) {
    const root = new ParameterScope(options);
    this.pictures = new PictureEncoder(config, { ...options, root });
    this.config = this.pictures.config;
    this.parameters = root.parameters;
    const { text_config } = this.config;
    this.text = new Decoder(text_config, { ...options, root, prefix: "model.text_model" });
  }

  get vision(): SiglipVisionEncoder {
    return this.pictures.vision;
  }

  /** Tokens of a frame of the largest size. */
  get tokensPerFrame(): number {
    return this.pictures.tokensPerFrame;
  }

  /** Makes pictures ready for {@link Idefics3.forward}; see `imageFrames`. */
  frames(pixels: HostTensor, pixelMask?: HostTensor): ImageFrames {
    return imageFrames(pixels, this.config.vision_config, this.vision.side, pixelMask);
  }

  /** @throws {RangeError} when shapes or types do not fit */
  forward(inputs: Idefics3Inputs): DecoderOutput {
    const { ids, pixels, patchMask, patchPositions, ...rest } = inputs;
    return tf.tidy(() => {
      const embeddings = this.text.embed(ids);
      if (!pixels) return this.text.forward({ embeddings, ...rest });
      const { features } = this.imageFeatures({ pixels, patchMask, patchPositions });
      return this.text.forward({ embeddings: this.#merge(ids, embeddings, features), ...rest });
    });
  }

  /** What the text is given of pictures. */
  imageFeatures(inputs: PictureInputs): ImageFeatures {
    return this.pictures.features(inputs);
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
