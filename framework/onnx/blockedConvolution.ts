import { rank4 } from "../base/shape.ts";
import type { GraphValue } from "../graph/graph.ts";
import type { GraphBuilder } from "./lowering.ts";

const domain = "com.microsoft.nchwc";

/** Filters up to which the product behind ONNX Runtime's plain `Conv` is too thin to be fast. */
const fewFilters = 64;
/** Positions of the whole batch from which on the work is large beside that of reordering. */
const manyPositions = 4096;

/** Whether a convolution can be computed in ONNX Runtime's blocked layout. */
export function canBeBlocked(builder: GraphBuilder, x: GraphValue, filter: GraphValue): boolean {
  const { channelBlock } = builder.target;
  if (channelBlock === undefined || x.dtype !== "float32") return false;
  return filter.shape[0]! % channelBlock === 0 && filter.shape[1]! % channelBlock === 0;
}

/**
 * Whether that is mostly faster, reordering included: measured, see the decision page on
 * convolution gradients.
 *
 * @param outputSize height and width of the output
 */
export function paysBlocked(
  x: GraphValue,
  filter: GraphValue,
  [height, width]: readonly [number, number],
): boolean {
  const [outputs, , kernelHeight, kernelWidth] = rank4(filter.shape);
  return (
    outputs <= fewFilters &&
    kernelHeight * kernelWidth > 1 &&
    x.shape[0]! * height * width >= manyPositions
  );
}

export interface BlockedConvolution {
  strides: readonly [number, number];
  pads: readonly number[];
  /** Shape of the result. */
  shape: readonly number[];
}

/**
 * A convolution in the layout `[N, C / block, H, W, block]`: its input, filter and result are
 * reordered in the graph. ONNX Runtime does so by itself only for filters that never change.
 */
export function convolveBlocked(
  builder: GraphBuilder,
  x: GraphValue,
  filter: GraphValue,
  bias: GraphValue | undefined,
  { strides, pads, shape }: BlockedConvolution,
): GraphValue {
  const [outputs, , kernelHeight, kernelWidth] = rank4(filter.shape);
  const blocked = builder.node("ReorderInput", [x], x, {}, domain);
  const y = builder.node(
    "Conv",
    [blocked, blockedFilter(builder, filter), ...(bias ? [bias] : [])],
    { shape, dtype: x.dtype },
    { strides, pads, kernel_shape: [kernelHeight, kernelWidth] },
    domain,
  );
  return builder.node("ReorderOutput", [y], y, { channels: outputs }, domain);
}

/** `[O, C, kh, kw]` as it lies in memory for blocks of inputs by blocks of outputs. */
function blockedFilter(builder: GraphBuilder, filter: GraphValue): GraphValue {
  const block = builder.target.channelBlock!;
  const [outputs, inputs, height, width] = rank4(filter.shape);
  const split = builder.reshape(filter, [
    outputs / block,
    block,
    inputs / block,
    block,
    height,
    width,
  ]);
  return builder.reshape(builder.transpose(split, [0, 2, 4, 5, 3, 1]), filter.shape);
}
