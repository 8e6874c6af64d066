import type { HostTensor } from "../../base/hostTensor.ts";
import { readDecoderConfig, type DecoderConfig } from "../../models/decoderConfig.ts";
import type { QuantizedMatrix, WeightFormat } from "../linearForms.ts";
import type { WeightFormats } from "../weightFormats.ts";
import type { WeightSource } from "../weightReader.ts";
import { dequantizeBlocks, roundToBlocks } from "./blockQuantization.ts";
import { dequantizeChannels, roundToChannels } from "./channelQuantization.ts";
import { gptq } from "./gptq.ts";

/** A decoder of which matrices are codes. */
export interface QuantizedDecoder {
  /** Its `config.json`. */
  readonly config: object;
  readonly formats: WeightFormats;
  /**
   * Matrices in codes, by their parameter's name. `lm_head.weight` is there for a tied head, too, unless
   * it has the codes of the table of embeddings.
   */
  readonly quantized: ReadonlyMap<string, QuantizedMatrix>;
  /** All other parameters. */
  readonly floats: ReadonlyMap<string, HostTensor>;
}

export interface QuantizeDecoderOptions {
  /**
   * Sums of products of the features that come into matrices, by the matrices' names, as
   * `layerStatistics` gives them: those in blocks are then quantized by GPTQ.
   */
  readonly grams?: ReadonlyMap<string, Float64Array>;
}

export const tableName = "model.embed_tokens.weight";
export const headName = "lm_head.weight";
const layerMatrix = /^model\.layers\.\d+\.(?:self_attn\.[qkvo]_proj|mlp\.\w+_proj)\.weight$/;

/** Whether a parameter is a matrix of a layer, which has the format of layers. */
export const isLayerMatrix = (name: string): boolean => layerMatrix.test(name);

/**
 * Puts a decoder's matrices into codes: to the nearest, or where the features that come in are known
 * so that what comes out changes least.
 *
 * @param model its `config.json`, and its parameters under transformers' names
 * @throws {RangeError} when sizes do not fit, weights are not finite, or a head is to be floats that is
 *   a table in codes
 */
export function quantizeDecoder(
  model: { readonly config: object; readonly tensors: Iterable<readonly [string, HostTensor]> },
  formats: WeightFormats,
  { grams }: QuantizeDecoderOptions = {},
): QuantizedDecoder {
  const { tie_word_embeddings: isTied } = readDecoderConfig(model.config);
  if (isTied && formats.head === "float32" && formats.embedding !== "float32") {
    throw new RangeError(
      "Cannot quantize: expected a head in codes, or a table of embeddings in floats, since one is the other",
    );
  }
  const quantized = new Map<string, QuantizedMatrix>();
  const floats = new Map<string, HostTensor>();
  for (const [name, tensor] of model.tensors) {
    if (isTied && name === headName) continue; // a copy of the table
    const { shape, values } = tensor;
    const put = (format: WeightFormat, as = name): boolean => {
      if (format === "float32") return false;
      checkFinite(name, values);
      quantized.set(as, quantize({ shape, values }, format, grams?.get(as)));
      return true;
    };
    if (name === tableName) {
      const { embedding, head } = formats;
      if (!put(embedding)) floats.set(name, { shape, values });
      if (isTied && !isSame(head, embedding)) put(head, headName);
    } else {
      const format = isLayerMatrix(name)
        ? formats.layers
        : name === headName
          ? formats.head
          : "float32";
      if (!put(format)) floats.set(name, { shape, values });
    }
  }
  return { config: model.config, formats, quantized, floats };
}

/** Codes have no word for what is no number, and would stand for another weight. */
function checkFinite(name: string, values: HostTensor["values"]): void {
  const at = values.findIndex((value: number) => !Number.isFinite(value));
  if (at < 0) return;
  throw new RangeError(
    `Cannot quantize ${name}: expected finite weights, got ${values[at]} as number ${at}`,
  );
}

/** Whether head and table can have the same codes. */
function isSame(head: WeightFormat, embedding: WeightFormats["embedding"]): boolean {
  if (typeof head === "string" || typeof embedding === "string") return head === embedding;
  const { bits, blockSize, isSymmetric = true } = head;
  return isSymmetric && bits === embedding.bits && blockSize === embedding.blockSize;
}

function quantize(
  { shape, values }: HostTensor,
  format: Exclude<WeightFormat, "float32">,
  gram: Float64Array | undefined,
): QuantizedMatrix {
  const [rows = 0, columns = 0] = shape;
  const weights = Float32Array.from(values);
  if (format === "int8") return roundToChannels(weights, rows, columns);
  return gram
    ? gptq(weights, rows, columns, gram, format)
    : roundToBlocks(weights, rows, columns, format);
}

/** The weights that a matrix' codes stand for, `[outputs, inputs]`, computed each time they are asked for. */
export function dequantize(matrix: QuantizedMatrix): HostTensor & { values: Float32Array } {
  const isInBlocks = "blockSize" in matrix;
  return {
    shape: isInBlocks ? [matrix.rows, matrix.columns] : [matrix.outputs, matrix.inputs],
    get values() {
      return isInBlocks ? dequantizeBlocks(matrix) : dequantizeChannels(matrix);
    },
  };
}

/** What a `DecodeEngine` is to be made with. */
export interface QuantizedEngineOptions {
  readonly config: DecoderConfig;
  readonly format: WeightFormats;
  readonly quantized: ReadonlyMap<string, QuantizedMatrix>;
  readonly weights: WeightSource;
}

/** For `new DecodeEngine`: a decoder in codes computes the same, however often it was written and read. */
export function quantizedEngineOptions({
  config,
  formats,
  quantized,
  floats,
}: QuantizedDecoder): QuantizedEngineOptions {
  return {
    config: readDecoderConfig(config),
    format: formats,
    quantized,
    weights: {
      get(name) {
        const matrix = quantized.get(name);
        return floats.get(name) ?? (matrix && dequantize(matrix));
      },
    },
  };
}
