import * as tf from "@tensorflow/tfjs";

import { describeShape } from "../base/shape.ts";
import { causalMask } from "../nn/attentionMask.ts";
import type { AttentionContext, KeysAndValues } from "../nn/groupedQueryAttention.ts";
import { normal } from "../nn/initializers.ts";
import { embedding, linear, rmsNorm, type Layer } from "../nn/layers.ts";
import {
  ParameterScope,
  type Parameters,
  type ParameterScopeOptions,
} from "../nn/parameterScope.ts";
import { rotationAt, rotationFrom } from "../nn/rotaryEmbedding.ts";
import { readDecoderConfig, type DecoderConfig } from "./decoderConfig.ts";
import { decoderLayer, type DecoderLayer } from "./decoderLayer.ts";

export type { KeysAndValues } from "../nn/groupedQueryAttention.ts";

export interface DecoderOptions extends ParameterScopeOptions {
  /** Where the parameters are created, for a model that is part of another. */
  root?: ParameterScope;
  /** Begins the name of each parameter but the head's. Default: `model`. */
  prefix?: string;
}

export interface DecoderInputs {
  /** int32 `[batch, tokens]` */
  ids?: tf.Tensor;
  /** In place of ids: `[batch, tokens, hidden_size]` */
  embeddings?: tf.Tensor;
  /** int32 `[batch, cached + tokens]`: 0 where a token is padding, which nobody sees. */
  mask?: tf.Tensor | undefined;
  /**
   * int32 `[batch, tokens]`. Default: as many as tokens before it that are no padding; 0, 1, ...
   * after what is cached, where there is no mask.
   */
  positions?: tf.Tensor | undefined;
  /** Added to all scores: `[batch or 1, 1, tokens, cached + tokens]`, for documents side by side. */
  bias?: tf.Tensor | undefined;
  /** What an earlier call gave for the tokens before these. */
  cache?: readonly KeysAndValues[] | undefined;
}

export type DecoderOutput = {
  /** `[batch, tokens, vocab_size]` */
  logits: tf.Tensor3D;
  /** Embeddings, then what each layer gives, the last after the final norm. */
  hiddenStates: tf.Tensor3D[];
  /** What the last layer gives, before the final norm. */
  unnormed: tf.Tensor3D;
  /** Keys and values of each layer for all tokens so far. */
  cache: KeysAndValues[];
};

/**
 * A decoder-only language model of the Llama family, as transformers' `LlamaForCausalLM`,
 * `MistralForCausalLM` and `Qwen2ForCausalLM`: token ids to logits of the tokens that follow.
 * Parameters have transformers' names. Pure TF.js.
 *
 * Source: Touvron et al. 2023, arXiv:2302.13971; Jiang et al. 2023, arXiv:2310.06825;
 * Yang et al. 2024, arXiv:2407.10671.
 */
export class Decoder {
  readonly config: DecoderConfig;
  readonly parameters: Parameters;
  readonly #table: tf.Variable;
  readonly #embed: Layer;
  readonly #layers: DecoderLayer[];
  readonly #finalNorm: Layer;
  readonly #head: Layer;

  /** @param config a transformers `config.json`, parsed */
  constructor(config: unknown, { root: given, prefix = "model", ...options }: DecoderOptions) {
    this.config = readDecoderConfig(config);
    const { vocab_size, hidden_size, initializer_range, num_hidden_layers } = this.config;
    const root = given ?? new ParameterScope(options);
    this.parameters = root.parameters;
    const scope = root.at(prefix);
    const initializer = normal(initializer_range);
    this.#embed = embedding(scope.at("embed_tokens"), vocab_size, hidden_size, initializer);
    this.#table = this.parameters.get(scope.pathOf("embed_tokens.weight"))!;
    this.#layers = Array.from({ length: num_hidden_layers }, (_, i) =>
      decoderLayer(scope.at(`layers.${i}`), this.config),
    );
    const epsilon = this.config.rms_norm_eps;
    this.#finalNorm = rmsNorm(scope.at("norm"), hidden_size, { epsilon });
    this.#head = this.config.tie_word_embeddings
      ? (x) => this.#byTable(x)
      : linear(root.at("lm_head"), hidden_size, vocab_size, {
          bias: false,
          weightInitializer: initializer,
        });
  }

  /**
   * @throws {RangeError} when shapes or types do not fit
   */
  forward(inputs: DecoderInputs): DecoderOutput {
    this.#check(inputs);
    return tf.tidy(() => {
      const embeddings = inputs.embeddings ?? this.#embed(inputs.ids!);
      const hidden = this.#hidden(embeddings, inputs);
      return { logits: this.logits(hidden.hiddenStates.at(-1)!), ...hidden };
    });
  }

  /**
   * Embeddings of tokens, to replace some of them.
   *
   * @param ids int32 `[batch, tokens]`
   * @returns `[batch, tokens, hidden_size]`
   */
  embed(ids: tf.Tensor): tf.Tensor3D {
    return this.#embed(ids).as3D(ids.shape[0] ?? 1, ids.shape[1] ?? 1, this.config.hidden_size);
  }

  /**
   * The head alone.
   *
   * @param hidden the last hidden state, or some tokens of it, `[batch, tokens, hidden_size]`
   */
  logits(hidden: tf.Tensor): tf.Tensor3D {
    const [batch = 1, tokens = 1] = hidden.shape;
    return this.#head(hidden).as3D(batch, tokens, this.config.vocab_size);
  }

  dispose(): void {
    tf.dispose([...this.parameters.values()]);
    this.parameters.clear();
  }

  #byTable(x: tf.Tensor): tf.Tensor {
    const rows = x.reshape([-1, this.config.hidden_size]);
    const logits = tf.matMul(rows, this.#table, false, true);
    return logits.reshape([...x.shape.slice(0, -1), this.config.vocab_size]);
  }

  #hidden(embeddings: tf.Tensor, inputs: DecoderInputs): Omit<DecoderOutput, "logits"> {
    const [batch = 1, tokens = 1] = embeddings.shape;
    const contextOf = this.#contexts(tokens, inputs);
    const states = [embeddings];
    const cache: KeysAndValues[] = [];
    for (const [i, layer] of this.#layers.entries()) {
      const { hidden, keys, values } = layer(states[i]!, contextOf(i));
      states.push(hidden);
      cache.push({ keys, values });
    }
    const { hidden_size } = this.config;
    const [unnormed, ...earlier] = states.toReversed();
    const normed = [...earlier.toReversed(), this.#finalNorm(unnormed!)];
    const shaped = (state: tf.Tensor): tf.Tensor3D => state.as3D(batch, tokens, hidden_size);
    return { hiddenStates: normed.map(shaped), unnormed: shaped(unnormed!), cache };
  }

  /** What each layer needs beside the features; masks are made once for each window. */
  #contexts(
    tokens: number,
    { mask: padding, positions, bias, cache }: DecoderInputs,
  ): (layer: number) => AttentionContext {
    const keys = cachedTokens(cache) + tokens;
    const at = positions ?? (padding && positionsOf(padding, tokens));
    const rotation = at
      ? rotationAt(this.config, at, keys)
      : rotationFrom(this.config, keys - tokens, tokens);
    const masks = new Map(
      [...new Set(this.config.layer_windows)].map((window) => [
        window,
        causalMask({ queries: tokens, keys, window, padding, bias }),
      ]),
    );
    return (layer) => ({
      rotation,
      cached: cache?.[layer],
      mask: masks.get(this.config.layer_windows[layer]!)!,
    });
  }

  #check({ ids, embeddings, mask, cache }: DecoderInputs): void {
    const { hidden_size } = this.config;
    if ((ids === undefined) === (embeddings === undefined)) {
      throw new RangeError("Cannot decode: expected either ids or embeddings");
    }
    if (ids && (ids.rank !== 2 || ids.dtype !== "int32")) {
      throw new RangeError(
        `Cannot decode: expected int32 ids [batch, tokens], got ${ids.dtype} ${describeShape(ids.shape)}`,
      );
    }
    if (embeddings && (embeddings.rank !== 3 || embeddings.shape[2] !== hidden_size)) {
      throw new RangeError(
        `Cannot decode: expected embeddings [batch, tokens, ${hidden_size}], got ${describeShape(embeddings.shape)}`,
      );
    }
    if (cache && cache.length !== this.#layers.length) {
      throw new RangeError(
        `Cannot decode: expected a cache of ${this.#layers.length} layers, got ${cache.length}`,
      );
    }
    const [batch, tokens] = (ids ?? embeddings)!.shape;
    const expected = [batch!, cachedTokens(cache) + tokens!];
    if (mask && describeShape(mask.shape) !== describeShape(expected)) {
      throw new RangeError(
        `Cannot decode: expected a mask ${describeShape(expected)} for all tokens so far, got ${describeShape(mask.shape)}`,
      );
    }
  }
}

function cachedTokens(cache: DecoderInputs["cache"]): number {
  return cache?.[0]?.keys.shape[2] ?? 0;
}

/** Position of each of the last tokens: how many before it are no padding. */
function positionsOf(mask: tf.Tensor, tokens: number): tf.Tensor {
  const [batch = 1, keys = 1] = mask.shape;
  const counted = mask.toFloat().cumsum(1).sub(1).maximum(0);
  return counted.slice([0, keys - tokens], [batch, tokens]).toInt();
}

/**
 * Our name of a parameter in a published file, or `undefined` for what is no parameter: a second
 * copy of the table that is also the head, frequencies in older files.
 */
export function decoderParameterName(
  name: string,
  { tie_word_embeddings: tied }: Pick<DecoderConfig, "tie_word_embeddings">,
): string | undefined {
  const isCopy = tied && name === "lm_head.weight";
  return isCopy || name.endsWith(".rotary_emb.inv_freq") ? undefined : name;
}
