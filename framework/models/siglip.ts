import * as tf from "@tensorflow/tfjs";

import { describeShape } from "../base/shape.ts";
import { paddingMask } from "../nn/attentionMask.ts";
import { normal } from "../nn/initializers.ts";
import { conv2d, embedding, layerNorm, type Layer } from "../nn/layers.ts";
import {
  ParameterScope,
  type Parameters,
  type ParameterScopeOptions,
} from "../nn/parameterScope.ts";
import { toTokens } from "../nn/spatial.ts";
import { clipLayer, type TransformerLayer } from "./clipLayer.ts";
import { framePositions } from "./patchPositions.ts";
import { readSiglipConfig, type SiglipConfig } from "./siglipConfig.ts";

export interface SiglipOptions extends ParameterScopeOptions {
  /** Where the parameters are created, for a model that is part of another. */
  root?: ParameterScope;
  /** Begins the name of each parameter. Default: `vision_model`. */
  prefix?: string;
}

/** Which patches of each picture are of the picture, where some are padding. */
export interface ValidPatches {
  /** Numbers of the places in the table, int32 `[batch, patches]`. */
  positions: tf.Tensor;
  /** int32 `[batch, patches]`: 0 where a patch is padding. */
  mask: tf.Tensor;
}

export interface SiglipOutput {
  /** Patches with their places, `[batch, patches, hidden_size]`. */
  embedded: tf.Tensor3D;
  /** After the final norm, the same shape. */
  lastHiddenState: tf.Tensor3D;
}

/**
 * SigLIP's vision transformer as Idefics3 has it: pictures of any size up to the largest, without a
 * token for the whole. Parameters have transformers' names. Pure TF.js.
 *
 * Source: Zhai et al. 2023, arXiv:2303.15343; positions by Dehghani et al. 2023, arXiv:2307.06304.
 */
export class SiglipVisionEncoder {
  readonly config: SiglipConfig;
  readonly parameters: Parameters;
  readonly #patches: Layer;
  readonly #places: Layer;
  readonly #layers: TransformerLayer[];
  readonly #finalNorm: Layer;

  /** @param config the `vision_config` of a `config.json` of transformers */
  constructor(config: unknown, { root: given, prefix, ...options }: SiglipOptions) {
    this.config = readSiglipConfig(config);
    const { hidden_size, num_channels, patch_size, initializer_range } = this.config;
    const root = given ?? new ParameterScope(options);
    this.parameters = root.parameters;
    const scope = root.at(prefix ?? "vision_model");
    const embeddings = scope.at("embeddings");
    const initializer = normal(initializer_range);
    this.#patches = conv2d(embeddings.at("patch_embedding"), num_channels, hidden_size, {
      size: patch_size,
      strides: [patch_size, patch_size],
      pads: [0, 0, 0, 0],
      initializer,
    });
    this.#places = embedding(
      embeddings.at("position_embedding"),
      this.side ** 2,
      hidden_size,
      initializer,
    );
    this.#layers = Array.from({ length: this.config.num_hidden_layers }, (_, i) =>
      clipLayer(scope.at(`encoder.layers.${i}`), this.config, { causal: false }),
    );
    this.#finalNorm = layerNorm(scope.at("post_layernorm"), hidden_size, {
      epsilon: this.config.layer_norm_eps,
    });
  }

  /** Patches along the side of the largest picture. */
  get side(): number {
    return this.config.image_size / this.config.patch_size;
  }

  /**
   * @param pixels `[batch, num_channels, height, width]`, sides that the patches divide
   * @param valid where pictures have padding at their right and bottom
   * @throws {RangeError} when the shape does not fit
   */
  forward(pixels: tf.Tensor, valid?: ValidPatches): SiglipOutput {
    const [rows, columns] = this.#grid(pixels);
    const shape = [pixels.shape[0] ?? 1, rows * columns, this.config.hidden_size] as const;
    return tf.tidy(() => {
      const positions = valid?.positions ?? this.#wholePositions(rows, columns);
      const embedded = toTokens(this.#patches(pixels)).add(this.#places(positions));
      const mask = valid && paddingMask(valid.mask);
      const hidden = this.#layers.reduce((x, layer) => layer(x, mask), embedded);
      return {
        embedded: embedded.as3D(...shape),
        lastHiddenState: this.#finalNorm(hidden).as3D(...shape),
      };
    });
  }

  dispose(): void {
    tf.dispose([...this.parameters.values()]);
    this.parameters.clear();
  }

  #wholePositions(rows: number, columns: number): tf.Tensor {
    const positions = framePositions({ rows, columns, side: this.side });
    return tf.tensor2d(positions, [1, rows * columns], "int32");
  }

  #grid(pixels: tf.Tensor): [rows: number, columns: number] {
    const { num_channels: channels, patch_size, image_size } = this.config;
    const [, depth, height = 0, width = 0] = pixels.shape;
    const fits = (length: number): boolean =>
      length > 0 && length <= image_size && length % patch_size === 0;
    if (pixels.rank === 4 && depth === channels && fits(height) && fits(width)) {
      return [height / patch_size, width / patch_size];
    }
    throw new RangeError(
      `Cannot encode pictures: expected [batch, ${channels}, height, width] with sides of at most ${image_size} that ${patch_size} divides, got ${describeShape(pixels.shape)}`,
    );
  }
}
