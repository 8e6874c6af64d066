import type { GraphValue } from "../graph/graph.ts";
import type { GivenWeight, ModelGraph } from "./modelGraph.ts";
import {
  blocksOf,
  packBlocks,
  roundToBlocks,
  type BlockQuantized,
} from "./quantization/blockQuantization.ts";
import {
  packChannels,
  roundToChannels,
  type ChannelQuantized,
} from "./quantization/channelQuantization.ts";

/**
 * How a matrix of weights is held and multiplied:
 *
 * - `float32`;
 * - `int8`: one scale for each output, features rounded to 8 bits as they come;
 * - an object: 4 or 8 bits, one scale for each block of weights along a row. Features are rounded to
 *   8 bits by the block.
 */
export type WeightFormat = "float32" | "int8" | BlockWeightFormat;

export interface BlockWeightFormat {
  readonly bits: 4 | 8;
  /** 32 or 128 are quick. */
  readonly blockSize: number;
  /** Default: true. */
  readonly isSymmetric?: boolean;
  /** `float` multiplies with unrounded features, at a fraction of the speed. Default: `int8`. */
  readonly features?: "int8" | "float";
}

/** A quantized matrix that another method than rounding has made. */
export type QuantizedMatrix = BlockQuantized | ChannelQuantized;

export interface LinearWeights {
  /** `[outputs, inputs]` */
  readonly weight: GivenWeight;
  /** `[outputs]` */
  readonly bias?: GivenWeight | undefined;
  /** In place of what rounding `weight` would give. */
  readonly quantized?: QuantizedMatrix | undefined;
}

/** Level of MatMulNBits that rounds features to int8, and the one that does not. */
const accuracyLevels = { int8: 4, float: 1 } as const;

/** `x` times the transposed matrix, plus the bias. */
export function linear(
  graph: ModelGraph,
  x: GraphValue,
  { weight, bias, quantized }: LinearWeights,
  format: WeightFormat,
): GraphValue {
  if (format === "float32") return floatLinear(graph, x, weight, bias);
  const [outputs = 0, inputs = 0] = weight.shape;
  if (format === "int8") {
    const matrix = isChannels(quantized)
      ? quantized
      : roundToChannels(weight.values, outputs, inputs);
    return channelLinear(graph, x, matrix, bias);
  }
  const matrix = isBlocks(quantized)
    ? quantized
    : roundToBlocks(weight.values, outputs, inputs, format);
  return blockLinear(graph, x, matrix, bias, format.features);
}

function floatLinear(
  graph: ModelGraph,
  x: GraphValue,
  weight: GivenWeight,
  bias?: GivenWeight,
): GraphValue {
  const attributes = { transA: 0, transB: 1, alpha: { float: 1 } };
  const product = graph.microsoft("FusedMatMul", [x, graph.weight(weight)], attributes);
  return bias ? graph.node("Add", [product, graph.weight(bias)]) : product;
}

function channelLinear(
  graph: ModelGraph,
  x: GraphValue,
  matrix: ChannelQuantized,
  bias?: GivenWeight,
): GraphValue {
  const { outputs, inputs, scales } = matrix;
  return graph.microsoft("DynamicQuantizeMatMul", [
    x,
    graph.constant("int8", packChannels(matrix), [inputs, outputs]),
    graph.constant("float32", scales, [outputs]),
    undefined,
    bias && graph.weight(bias),
  ]);
}

function blockLinear(
  graph: ModelGraph,
  x: GraphValue,
  matrix: BlockQuantized,
  bias: GivenWeight | undefined,
  features: "int8" | "float" = "int8",
): GraphValue {
  const { rows, columns, bits, blockSize, scales } = matrix;
  const blocks = blocksOf(columns, blockSize);
  const { bytes, zeroPoints } = packBlocks(matrix);
  const zeroShape = [rows, (zeroPoints?.length ?? 0) / rows];
  return graph.microsoft(
    "MatMulNBits",
    [
      x,
      graph.constant("uint8", bytes, [rows, blocks, (blockSize * bits) / 8]),
      graph.constant("float32", scales, [rows, blocks]),
      zeroPoints && graph.constant("uint8", zeroPoints, zeroShape),
      undefined,
      bias && graph.weight(bias),
    ],
    {
      K: columns,
      N: rows,
      bits,
      block_size: blockSize,
      accuracy_level: accuracyLevels[features],
    },
  );
}

/** Whether a matrix is in codes by the block. */
export function isBlocks(matrix?: QuantizedMatrix): matrix is BlockQuantized {
  return matrix !== undefined && "blockSize" in matrix;
}

function isChannels(matrix?: QuantizedMatrix): matrix is ChannelQuantized {
  return matrix !== undefined && "outputs" in matrix;
}
