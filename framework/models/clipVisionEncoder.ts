import * as tf from "@tensorflow/tfjs";

import { describeShape } from "../base/shape.ts";
import { normal } from "../nn/initializers.ts";
import { layerNorm, linear, type Layer } from "../nn/layers.ts";
import { conv2d } from "../nn/ops/index.ts";
import {
  ParameterScope,
  type Parameters,
  type ParameterScopeOptions,
} from "../nn/parameterScope.ts";
import { toTokens } from "../nn/spatial.ts";
import { clipLayer } from "./clipLayer.ts";
import { readClipLayerConfig, type ClipLayerConfig } from "./clipLayerConfig.ts";
import { ModelConfigReader } from "./modelConfig.ts";

/** The keys of transformers' `CLIPVisionModel` that we read. */
export interface ClipVisionEncoderConfig extends ClipLayerConfig {
  /** Side of the square pictures, in pixels. */
  image_size: number;
  /** Side of the squares that a picture is cut into. */
  patch_size: number;
  num_channels: number;
  /** Width of the projected picture. */
  projection_dim: number;
  /** Deviation of the first embeddings of patches and positions, before `initializer_factor`. */
  initializer_range: number;
}

export interface ClipVisionOutput {
  /** What the last layer gives, `[batch, 1 + patches, hidden_size]`; the first token is the picture's. */
  lastHiddenState: tf.Tensor3D;
  /** The picture's token after the final norm, `[batch, hidden_size]`. */
  pooled: tf.Tensor2D;
  /** `pooled` as CLIP compares it with texts, `[batch, projection_dim]`. */
  projected: tf.Tensor2D;
}

/** @throws {TypeError | RangeError} naming the key that is missing, wrong or not supported */
export function readClipVisionEncoderConfig(config: unknown): ClipVisionEncoderConfig {
  const read = new ModelConfigReader("CLIPVisionModel", config);
  read.unsupported("model_type", "clip_vision_model");
  const sizes = {
    image_size: read.integer("image_size", 224),
    patch_size: read.integer("patch_size", 32),
  };
  if (sizes.patch_size > sizes.image_size) {
    throw new RangeError(
      `Cannot build CLIPVisionModel: config key "patch_size": expected at most image_size ${sizes.image_size}, got ${sizes.patch_size}`,
    );
  }
  return {
    ...readClipLayerConfig(read),
    ...sizes,
    num_channels: read.integer("num_channels", 3),
    projection_dim: read.integer("projection_dim", 512),
    initializer_range: read.number("initializer_range", 0.02),
  };
}

/**
 * CLIP's vision transformer with its projection: pictures to features that are compared with those
 * of texts. Parameters have the names of transformers' `CLIPModel`. Pure TF.js.
 *
 * Source: Radford et al. 2021, arXiv:2103.00020; Dosovitskiy et al. 2020, arXiv:2010.11929.
 */
export class ClipVisionEncoder {
  readonly config: ClipVisionEncoderConfig;
  readonly parameters: Parameters;
  readonly #classEmbedding: tf.Variable;
  readonly #patches: tf.Variable;
  readonly #positions: tf.Variable;
  readonly #firstNorm: Layer;
  readonly #layers: Layer[];
  readonly #finalNorm: Layer;
  readonly #projection: Layer;

  /** @param config the `vision_config` of a `config.json` of transformers */
  constructor(config: unknown, options: ParameterScopeOptions) {
    this.config = readClipVisionEncoderConfig(config);
    const { hidden_size: features, initializer_factor: factor, patch_size: side } = this.config;
    const { image_size, num_channels, initializer_range } = this.config;
    const deviation = initializer_range * factor;
    const positions = Math.floor(image_size / side) ** 2 + 1;
    const root = new ParameterScope(options);
    this.parameters = root.parameters;
    const scope = root.at("vision_model");
    const embeddings = scope.at("embeddings");
    this.#classEmbedding = embeddings.parameter(
      "class_embedding",
      [features],
      normal(factor / Math.sqrt(features)),
    );
    this.#patches = embeddings
      .at("patch_embedding")
      .parameter("weight", [features, num_channels, side, side], normal(deviation));
    this.#positions = embeddings
      .at("position_embedding")
      .parameter("weight", [positions, features], normal(deviation));
    const norm = { epsilon: this.config.layer_norm_eps };
    this.#firstNorm = layerNorm(scope.at("pre_layrnorm"), features, norm); // the published spelling
    this.#layers = Array.from({ length: this.config.num_hidden_layers }, (_, i) =>
      clipLayer(scope.at(`encoder.layers.${i}`), this.config, { causal: false }),
    );
    this.#finalNorm = layerNorm(scope.at("post_layernorm"), features, norm);
    this.#projection = linear(root.at("visual_projection"), features, this.config.projection_dim, {
      bias: false,
      weightInitializer: normal(factor / Math.sqrt(features)),
    });
  }

  /**
   * @param pixels `[batch, num_channels, image_size, image_size]`, normalised as CLIP's
   * `preprocessor_config.json` says
   * @throws {RangeError} when the shape does not fit
   */
  forward(pixels: tf.Tensor): ClipVisionOutput {
    this.#check(pixels);
    const [batch] = pixels.shape;
    const { hidden_size: features, projection_dim } = this.config;
    return tf.tidy(() => {
      const hidden = this.#layers.reduce(
        (x, layer) => layer(x),
        this.#firstNorm(this.#embedded(pixels)),
      );
      const first = hidden.slice([0, 0, 0], [-1, 1, -1]);
      const pooled = this.#finalNorm(first).as2D(batch!, features);
      return {
        lastHiddenState: hidden.as3D(batch!, hidden.shape[1]!, features),
        pooled,
        projected: this.#projection(pooled).as2D(batch!, projection_dim),
      };
    });
  }

  dispose(): void {
    tf.dispose([...this.parameters.values()]);
    this.parameters.clear();
  }

  /** The class token and the patches, row by row, with their positions. */
  #embedded(pixels: tf.Tensor): tf.Tensor {
    const { hidden_size: features, patch_size: side } = this.config;
    const patches = toTokens(conv2d(pixels, this.#patches, undefined, { strides: [side, side] }));
    const first = this.#classEmbedding.reshape([1, 1, features]).tile([pixels.shape[0]!, 1, 1]);
    return tf.concat([first, patches], 1).add(this.#positions);
  }

  #check(pixels: tf.Tensor): void {
    const { num_channels: channels, image_size: side } = this.config;
    const expected = [pixels.shape[0] ?? 1, channels, side, side];
    if (describeShape(pixels.shape) === describeShape(expected)) return;
    throw new RangeError(
      `Cannot encode pictures: expected [batch, ${channels}, ${side}, ${side}], got ${describeShape(pixels.shape)}`,
    );
  }
}
