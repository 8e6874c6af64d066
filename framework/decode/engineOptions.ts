import type { DecoderConfig } from "../models/decoderConfig.ts";
import { hasGroupedForm, type AttentionForm } from "./attentionNodes.ts";
import type { CacheScales } from "./cacheScales.ts";
import type { StreamingOptions } from "./layerGroups.ts";
import type { QuantizedMatrix } from "./linearForms.ts";
import type { WeightFormatName, WeightFormats } from "./weightFormats.ts";
import type { WeightSource } from "./weightReader.ts";

export interface DecodeEngineOptions {
  readonly config: DecoderConfig;
  readonly weights: WeightSource;
  /** Begins the name of each parameter but the head's. Default: `model`. */
  readonly prefix?: string;
  /** Texts at a time. Default: 1. */
  readonly rows?: number;
  /** Most tokens of a text, where it is seen whole. Default: what the model is made for. */
  readonly capacity?: number;
  /** Most tokens of one run. Default: 128. */
  readonly chunk?: number;
  /** Default: `float32`. */
  readonly format?: WeightFormatName | WeightFormats;
  /** Matrices in codes already, by their parameter's name. */
  readonly quantized?: ReadonlyMap<string, QuantizedMatrix>;
  /**
   * `bound`: float weights are read where they lie, in each run, so that a model in training and
   * this have one copy. `packed`: the session makes itself a copy that it multiplies with faster.
   * Default: `packed`.
   */
  readonly floatWeights?: "bound" | "packed";
  /** Default: ONNX Runtime's own operator where heads are a multiple of 16 wide. */
  readonly attention?: AttentionForm;
  /** Whether some tokens may come as embeddings, such as those of a picture. Default: false. */
  readonly takesEmbeddings?: boolean;
  /** Keeps keys and values in 8 bits, with these scales: see `measureCacheScales`. */
  readonly cacheScales?: CacheScales;
  /** Texts without end: the first tokens and the last ones are seen. */
  readonly streaming?: StreamingOptions;
  /** Of the process. Default: as many as are running, or the processor's. */
  readonly threads?: number;
}

/** Who computes attention: as asked for, or by the width of heads. */
export function attentionFormOf({
  config,
  attention = hasGroupedForm(config) ? "grouped" : "primitive",
}: Pick<DecodeEngineOptions, "config" | "attention">): AttentionForm {
  return attention;
}

/** @throws {RangeError} when options do not fit each other, or the settings */
export function checkOptions(options: DecodeEngineOptions): void {
  const { config, attention, cacheScales, streaming, rows = 1, chunk = 128 } = options;
  for (const [name, value] of Object.entries({ rows, chunk, ...streaming })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(
        `Cannot make a decoder: ${name}: expected an integer >= 1, got ${value}`,
      );
    }
  }
  if (attention === "grouped" && !hasGroupedForm(config)) {
    throw new RangeError(
      `Cannot make a decoder: heads of ${config.head_dim} features are no multiple of 16; leave attention out`,
    );
  }
  if (cacheScales && attentionFormOf(options) === "primitive") {
    throw new RangeError("Cannot make a decoder: an int8 cache needs grouped attention");
  }
  if (cacheScales && cacheScales.length !== config.num_hidden_layers) {
    throw new RangeError(
      `Cannot make a decoder: expected cache scales of ${config.num_hidden_layers} layers, got ${cacheScales.length}`,
    );
  }
  if (streaming && config.rope_scaling.rope_type === "dynamic") {
    throw new RangeError(
      'Cannot make a decoder: texts without end have no length for "dynamic" frequencies',
    );
  }
}
