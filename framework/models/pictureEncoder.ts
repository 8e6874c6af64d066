import * as tf from "@tensorflow/tfjs";

import type { HostTensor } from "../base/hostTensor.ts";
import { normal } from "../nn/initializers.ts";
import { linear, type Layer } from "../nn/layers.ts";
import { loadParameters } from "../nn/loadParameters.ts";
import {
  ParameterScope,
  type Parameters,
  type ParameterScopeOptions,
} from "../nn/parameterScope.ts";
import { pixelShuffle } from "../nn/pixelShuffle.ts";
import { readDecoderConfig } from "./decoderConfig.ts";
import { readIdefics3Config, type Idefics3Config } from "./idefics3Config.ts";
import { SiglipVisionEncoder } from "./siglip.ts";

export interface PictureInputs {
  /**
   * Frames in the order of their tokens, as `imageFrames` gives them: `[frames, channels, height,
   * width]`.
   */
  pixels: tf.Tensor;
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

export interface PictureEncoderOptions extends ParameterScopeOptions {
  /** Where parameters go. Default: a tree of its own. */
  root?: ParameterScope;
}

/**
 * What an `Idefics3` has beside its text: a vision tower and a linear connector, under transformers'
 * names. Alone it serves an engine that has the text.
 */
export class PictureEncoder {
  readonly config: Idefics3Config;
  readonly parameters: Parameters;
  readonly vision: SiglipVisionEncoder;
  readonly #connector: Layer;
  readonly #width: number;

  /** @param config a transformers `config.json` of the whole model, parsed */
  constructor(config: unknown, { root: given, ...options }: PictureEncoderOptions) {
    this.config = readIdefics3Config(config);
    const { text_config, vision_config, scale_factor } = this.config;
    const { hidden_size, initializer_range } = readDecoderConfig(text_config);
    this.#width = hidden_size;
    const root = given ?? new ParameterScope(options);
    this.parameters = root.parameters;
    const prefix = "model.vision_model";
    this.vision = new SiglipVisionEncoder(vision_config, { ...options, root, prefix });
    this.#connector = linear(
      root.at("model.connector.modality_projection.proj"),
      vision_config.hidden_size * scale_factor ** 2,
      hidden_size,
      { bias: false, weightInitializer: normal(initializer_range) },
    );
  }

  /** Tokens of a frame of the largest size. */
  get tokensPerFrame(): number {
    return (this.vision.side / this.config.scale_factor) ** 2;
  }

  /** What the text is given of pictures. */
  features({ pixels, patchMask: mask, patchPositions: positions }: PictureInputs): ImageFeatures {
    const valid = mask && positions && { mask, positions };
    return tf.tidy(() => {
      const vision = this.vision.forward(pixels, valid);
      const shuffled = pixelShuffle(vision.lastHiddenState, this.config.scale_factor);
      const [frames, tokens] = shuffled.shape;
      const features = this.#connector(shuffled).as3D(frames, tokens, this.#width);
      return { ...vision, shuffled, features };
    });
  }

  /** For an encoder with a tree of its own. */
  dispose(): void {
    tf.dispose([...this.parameters.values()]);
    this.parameters.clear();
  }
}

const encoderNames = /^model\.(?:vision_model|connector)\./;

/** Those of a whole model's tensors that are a `PictureEncoder`'s. */
export function pictureEncoderTensors<Tensor>(
  tensors: Iterable<readonly [name: string, tensor: Tensor]>,
): Map<string, Tensor> {
  return new Map([...tensors].filter(([name]) => encoderNames.test(name)));
}

/**
 * The part of a model that looks at pictures.
 *
 * @param model `config.json` and tensors, the text's as well or not
 * @throws {RangeError} naming tensors that are missing, or do not fit
 */
export function loadPictureEncoder({
  config,
  tensors,
}: {
  readonly config: unknown;
  readonly tensors: Iterable<readonly [name: string, tensor: HostTensor]>;
}): PictureEncoder {
  const encoder = new PictureEncoder(config, { seed: null });
  try {
    loadParameters(encoder.parameters, pictureEncoderTensors(tensors));
    return encoder;
  } catch (cause) {
    encoder.dispose();
    throw cause;
  }
}
