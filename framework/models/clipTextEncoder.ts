import * as tf from "@tensorflow/tfjs";

import { describeShape } from "../base/shape.ts";
import { normal } from "../nn/initializers.ts";
import { embedding, layerNorm, linear, type Layer } from "../nn/layers.ts";
import {
  ParameterScope,
  type Parameters,
  type ParameterScopeOptions,
} from "../nn/parameterScope.ts";
import { clipLayer } from "./clipLayer.ts";
import { readClipLayerConfig, type ClipLayerConfig } from "./clipLayerConfig.ts";
import { ModelConfigReader } from "./modelConfig.ts";

/**
 * Early checkpoints name 2 as the end of text while their tokenizer ends with the largest id; for
 * them the end is the largest id of a row.
 */
export const legacyEosTokenId = 2;

/** The keys of transformers' `text_encoder/config.json` that we read. */
export interface ClipTextEncoderConfig extends ClipLayerConfig {
  vocab_size: number;
  /** Longest sequence of tokens. */
  max_position_embeddings: number;
  eos_token_id: number;
  /** Width of the projected text, of the class `CLIPTextModelWithProjection` alone. */
  projection_dim: number | null;
  /** Deviation of the first position embeddings, before `initializer_factor`. */
  initializer_range: number;
}

export interface ClipTextOutput {
  /** After the final norm, `[batch, tokens, hidden_size]`. */
  lastHiddenState: tf.Tensor3D;
  /** The last hidden state at the end of each text, `[batch, hidden_size]`. */
  pooled: tf.Tensor2D;
  /** `pooled` as CLIP compares it with images, `[batch, projection_dim]`, where there is that. */
  projected: tf.Tensor2D | undefined;
  /** Embeddings, then what each layer gives, before the final norm. */
  hiddenStates: tf.Tensor3D[];
}

/** @throws {TypeError | RangeError} naming the key that is missing, wrong or not supported */
export function readClipTextEncoderConfig(config: unknown): ClipTextEncoderConfig {
  const read = new ModelConfigReader("CLIPTextModel", config);
  read.unsupported("model_type", "clip_text_model");
  return {
    ...readClipLayerConfig(read),
    vocab_size: read.integer("vocab_size"),
    max_position_embeddings: read.integer("max_position_embeddings", 77),
    eos_token_id: read.integer("eos_token_id", legacyEosTokenId, 0),
    projection_dim: hasProjection(config) ? read.integer("projection_dim", 512) : null,
    initializer_range: read.number("initializer_range", 0.02),
  };
}

function hasProjection(config: unknown): boolean {
  const { architectures }: { architectures?: unknown } = Object(config);
  return Array.isArray(architectures) && architectures.includes("CLIPTextModelWithProjection");
}

/**
 * CLIP's text transformer: token ids to features of each token. Parameters have transformers'
 * names, with the prefix `text_model.`. Pure TF.js.
 *
 * Source: Radford et al. 2021, arXiv:2103.00020.
 */
export class ClipTextEncoder {
  readonly config: ClipTextEncoderConfig;
  readonly parameters: Parameters;
  readonly #tokenEmbedding: Layer;
  readonly #positions: tf.Variable;
  readonly #layers: Layer[];
  readonly #finalNorm: Layer;
  readonly #projection: Layer | undefined;

  /** @param config a transformers `config.json`, parsed */
  constructor(config: unknown, options: ParameterScopeOptions) {
    this.config = readClipTextEncoderConfig(config);
    const { vocab_size, hidden_size, max_position_embeddings: positions } = this.config;
    const { initializer_factor: factor, initializer_range: range } = this.config;
    const root = new ParameterScope(options);
    this.parameters = root.parameters;
    const scope = root.at("text_model");
    const embeddings = scope.at("embeddings");
    this.#tokenEmbedding = embedding(
      embeddings.at("token_embedding"),
      vocab_size,
      hidden_size,
      normal(0.02 * factor),
    );
    this.#positions = embeddings
      .at("position_embedding")
      .parameter("weight", [positions, hidden_size], normal(range * factor));
    this.#layers = Array.from({ length: this.config.num_hidden_layers }, (_, i) =>
      clipLayer(scope.at(`encoder.layers.${i}`), this.config, { causal: true }),
    );
    this.#finalNorm = layerNorm(scope.at("final_layer_norm"), hidden_size, {
      epsilon: this.config.layer_norm_eps,
    });
    const { projection_dim: projected } = this.config;
    if (projected !== null) {
      this.#projection = linear(root.at("text_projection"), hidden_size, projected, {
        bias: false,
        weightInitializer: normal(factor / Math.sqrt(hidden_size)),
      });
    }
  }

  /**
   * @param ids int32 `[batch, tokens]`, at most `max_position_embeddings` tokens
   * @throws {RangeError} when the shape or type does not fit
   */
  forward(ids: tf.Tensor): ClipTextOutput {
    this.#check(ids);
    return tf.tidy(() => {
      const hiddenStates = this.#hiddenStates(ids, this.#layers.length);
      const lastHiddenState = this.#normalised(hiddenStates.at(-1)!);
      const pooled = this.#atEnd(lastHiddenState, ids);
      const projected = this.#projection?.(pooled);
      return {
        lastHiddenState,
        pooled,
        projected: projected?.as2D(pooled.shape[0], this.config.projection_dim ?? 0),
        hiddenStates,
      };
    });
  }

  /**
   * The features that condition the UNet.
   *
   * @param ids as for {@link ClipTextEncoder.forward}
   * @param clipSkip which layer from the end: 1 is the last one, 2 the one before; the final norm
   * is applied to any
   * @returns `[batch, tokens, hidden_size]`
   * @throws {RangeError} when there is no such layer, or the ids do not fit
   */
  encode(ids: tf.Tensor, { clipSkip = 1 }: { clipSkip?: number } = {}): tf.Tensor3D {
    this.#check(ids);
    const count = this.#layers.length;
    if (!Number.isInteger(clipSkip) || clipSkip < 1 || clipSkip > count) {
      throw new RangeError(
        `Cannot encode text: clipSkip must be an integer in [1, ${count}], got ${clipSkip}`,
      );
    }
    return tf.tidy(() => {
      const hiddenStates = this.#hiddenStates(ids, count - (clipSkip - 1));
      return this.#normalised(hiddenStates.at(-1)!);
    });
  }

  dispose(): void {
    tf.dispose([...this.parameters.values()]);
    this.parameters.clear();
  }

  /** The embeddings and what the first `count` layers give. */
  #hiddenStates(ids: tf.Tensor, count: number): tf.Tensor3D[] {
    const [batch = 1, tokens = 1] = ids.shape;
    const positions = this.#positions.slice([0], [tokens]);
    let hidden = this.#tokenEmbedding(ids).add(positions);
    const states = [hidden];
    for (const layer of this.#layers.slice(0, count)) {
      hidden = layer(hidden);
      states.push(hidden);
    }
    return states.map((state) => state.as3D(batch, tokens, this.config.hidden_size));
  }

  #normalised(hidden: tf.Tensor3D): tf.Tensor3D {
    return this.#finalNorm(hidden).as3D(...hidden.shape);
  }

  /** Each row's features where its text ends. */
  #atEnd(hidden: tf.Tensor3D, ids: tf.Tensor): tf.Tensor2D {
    const { eos_token_id: eos } = this.config;
    const marks = eos === legacyEosTokenId ? ids : ids.equal(eos).toInt();
    const ends = tf.argMax(marks, 1).as1D();
    const chosen = tf.oneHot(ends, hidden.shape[1], 1, 0, "float32").expandDims(1);
    return tf.matMul(chosen, hidden).as2D(hidden.shape[0], hidden.shape[2]);
  }

  #check(ids: tf.Tensor): void {
    const { max_position_embeddings: longest } = this.config;
    if (ids.rank !== 2 || ids.dtype !== "int32" || ids.shape[1]! > longest) {
      throw new RangeError(
        `Cannot encode text: expected int32 ids [batch, tokens] of at most ${longest} tokens, got ${ids.dtype} ${describeShape(ids.shape)}`,
      );
    }
  }
}

/**
 * Our name of a parameter in a published file, or `undefined` for what is no parameter: older
 * files hold the list of positions. Some files lack the prefix `text_model.`.
 */
export function clipTextParameterName(name: string): string | undefined {
  if (name.endsWith("position_ids")) return undefined;
  return /^(embeddings|encoder|final_layer_norm)\./.test(name) ? `text_model.${name}` : name;
}
