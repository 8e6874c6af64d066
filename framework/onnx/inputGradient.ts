import { rank4, type Rank4 } from "../base/shape.ts";
import type { GraphValue } from "../graph/graph.ts";
import { inputGradientByColumns } from "./columnConvolution.ts";
import {
  convolutionWork,
  hasFewPositions,
  hasSmallColumns,
  isTiny,
  paysInColumnsBack,
  type ConvolutionAttributes,
  type Geometry,
} from "./convolutionGeometry.ts";
import { convolve } from "./convolve.ts";
import { computeInForm, type Form } from "./forms.ts";
import type { GraphBuilder } from "./lowering.ts";

/**
 * A convolution's gradient for its input.
 *
 * @param dy `[N, O, H', W']`
 * @param filter `[O, C, kh, kw]`
 * @returns `[N, C, H, W]`
 */
export function inputGradient(
  builder: GraphBuilder,
  dy: GraphValue,
  filter: GraphValue,
  geometry: Geometry,
): GraphValue {
  const { strides, inputShape } = geometry;
  const { isDevice } = builder.target;
  const isFast = hasFewPositions(geometry) || paysInColumnsBack(geometry);
  const few = isTiny(geometry) || (isFast && !isDevice);
  const isDense = strides[0] === 1 && strides[1] === 1;
  const forms: Record<string, Form> = {
    transposed: (to, [y, w]) => transposedConvolution(to, y!, w!, inputShape, geometry),
  };
  if (isDense) forms["turned"] = (to, [y, w]) => turnedConvolution(to, y!, w!, geometry);
  if (few || (hasSmallColumns(geometry) && !isDevice)) {
    forms["columns"] = (to, [y, w]) => inputGradientByColumns(to, y!, w!, geometry);
  }
  const usual = few ? "columns" : isDense ? "turned" : "transposed";
  const work = convolutionWork("SeedbedConv2dInputGradient", geometry);
  return computeInForm(builder, [dy, filter], { work, forms, usual });
}

/**
 * With stride 1 the gradient is itself a convolution, of the output's gradient with the filter turned
 * by 180 degrees and its channels exchanged.
 */
function turnedConvolution(
  builder: GraphBuilder,
  dy: GraphValue,
  filter: GraphValue,
  { filterShape: [, , kernelHeight, kernelWidth], pads: [top, left, bottom, right] }: Geometry,
): GraphValue {
  return convolveOrCrop(builder, dy, turn(builder, filter), [
    kernelHeight - 1 - top,
    kernelWidth - 1 - left,
    kernelHeight - 1 - bottom,
    kernelWidth - 1 - right,
  ]);
}

/** With stride 1; negative pads take away rows and columns, which saw padding alone. */
function convolveOrCrop(
  builder: GraphBuilder,
  x: GraphValue,
  filter: GraphValue,
  [top, left, bottom, right]: Rank4,
): GraphValue {
  const [batch, channels, height, width] = rank4(x.shape);
  const starts = [0, 0, Math.max(0, -top), Math.max(0, -left)];
  const ends = [batch, channels, height - Math.max(0, -bottom), width - Math.max(0, -right)];
  const seen = builder.slice(x, starts, ends);
  const pads: Rank4 = [
    Math.max(0, top),
    Math.max(0, left),
    Math.max(0, bottom),
    Math.max(0, right),
  ];
  return convolve(builder, seen, filter, undefined, { strides: [1, 1], pads });
}

/**
 * A filter turned by 180 degrees, its channels exchanged: `[O, C, kh, kw]` to `[C, O, kh, kw]`. Rows
 * as long as the channels are moved, which is faster than moving taps (measured: docs/decisions/0003).
 */
function turn(builder: GraphBuilder, filter: GraphValue): GraphValue {
  const [outputs, inputs, height, width] = rank4(filter.shape);
  const taps = height * width;
  const rows = builder.transpose(builder.reshape(filter, [outputs, inputs * taps]), [1, 0]);
  const byTap = builder.reshape(rows, [inputs, taps, outputs]);
  const reversed = Array.from({ length: taps }, (_, i) => taps - 1 - i);
  const turned =
    taps === 1
      ? byTap
      : builder.node("Gather", [byTap, builder.integers(reversed)], byTap, { axis: 1 });
  return builder.reshape(builder.transpose(turned, [0, 2, 1]), [inputs, outputs, height, width]);
}

function transposedConvolution(
  builder: GraphBuilder,
  dy: GraphValue,
  filter: GraphValue,
  inputShape: readonly number[],
  { strides, pads }: ConvolutionAttributes,
): GraphValue {
  const [, , kernelHeight, kernelWidth] = rank4(filter.shape);
  const missing = [kernelHeight, kernelWidth].map((kernel, i) => {
    const padding = pads[i]! + pads[i + 2]!;
    return inputShape[i + 2]! - ((dy.shape[i + 2]! - 1) * strides[i]! + kernel - padding);
  });
  const attributes = {
    strides,
    pads,
    kernel_shape: [kernelHeight, kernelWidth],
    output_padding: missing,
  };
  return builder.node(
    "ConvTranspose",
    [dy, filter],
    { shape: inputShape, dtype: dy.dtype },
    attributes,
  );
}
