import { rank4, sizeOf } from "../base/shape.ts";
import type { GraphValue } from "../graph/graph.ts";
import { channelRows, filterGradientByColumns } from "./columnConvolution.ts";
import {
  convolutionWork,
  hasSmallColumns,
  isTiny,
  paysInColumnsForFilter,
  type Geometry,
} from "./convolutionGeometry.ts";
import { computeInForm, type Form } from "./forms.ts";
import type { GraphBuilder } from "./lowering.ts";

/** Positions of one image from which on a product per image is the faster filter gradient. */
const manyPositions = 256;
/** Size of a tap's matrix from which on products over the whole batch are the faster. */
const largeTap = 64 * 128;

type FilterGradient = (
  builder: GraphBuilder,
  x: GraphValue,
  dy: GraphValue,
  geometry: Geometry,
) => GraphValue;

/**
 * A convolution's gradient for its filter: the output's gradient times the input as each of the
 * filter's taps saw it.
 *
 * @param x `[N, C, H, W]`
 * @param dy `[N, O, H', W']`
 * @returns `[O, C, kh, kw]`
 */
export const filterGradient: FilterGradient = (builder, x, dy, geometry) => {
  const small = { oneProduct, columns: filterGradientByColumns };
  const usual = usualForm(builder, geometry);
  const isSmall = usual in small || hasSmallColumns(geometry);
  const forms = { productPerImage, productPerTap, ...(isSmall && small) };
  const inForm = ([name, form]: [string, FilterGradient]): [string, Form] => [
    name,
    (to, [image, gradient]) => form(to, image!, gradient!, geometry),
  ];
  return computeInForm(builder, [x, dy], {
    work: convolutionWork("SeedbedConv2dFilterGradient", geometry),
    forms: Object.fromEntries(Object.entries(forms).map(inForm)),
    usual,
  });
};

/** Measured: docs/decisions/0003. */
function usualForm(
  { target }: GraphBuilder,
  geometry: Geometry,
): "productPerImage" | "productPerTap" | "oneProduct" | "columns" {
  if (target.isDevice ? isTiny(geometry) : paysInColumnsForFilter(geometry)) return "columns";
  const { inputShape, filterShape, outputSize } = geometry;
  const [outChannels, inChannels, ...kernel] = filterShape;
  const positions = sizeOf(outputSize);
  if (positions >= manyPositions && outChannels * inChannels < largeTap) return "productPerImage";
  const isSmall = inputShape[0] * positions <= outChannels;
  return isSmall && sizeOf(kernel) > 1 ? "oneProduct" : "productPerTap";
}

/** Where a product over the whole batch would be long and thin. */
const productPerImage: FilterGradient = (builder, x, dy, geometry) => {
  const [batch, outChannels, height, width] = rank4(dy.shape);
  const inChannels = geometry.filterShape[1];
  const gradient = builder.reshape(dy, [batch, outChannels, height * width]);
  const taps = tapInputs(builder, x, geometry).map((seen) => {
    const rows = builder.reshape(seen, [batch, height * width, inChannels]);
    return builder.sum(builder.matMul(gradient, rows), [0]);
  });
  return tapsLast(builder, taps, geometry);
};

/** The batch is part of the inner dimension. */
const productPerTap: FilterGradient = (builder, x, dy, geometry) => {
  const gradient = channelRows(builder, dy);
  const inChannels = geometry.filterShape[1];
  const taps = tapInputs(builder, x, geometry).map((seen) =>
    builder.matMul(gradient, builder.reshape(seen, [gradient.shape[1]!, inChannels])),
  );
  return tapsLast(builder, taps, geometry);
};

/** Where what the taps saw is small beside the filter, it is put together. */
const oneProduct: FilterGradient = (builder, x, dy, geometry) => {
  const gradient = channelRows(builder, dy);
  const [outChannels, inChannels, height, width] = geometry.filterShape;
  const positions = gradient.shape[1]!;
  const taps = tapInputs(builder, x, geometry).map((seen) =>
    builder.reshape(seen, [positions, 1, inChannels]),
  );
  const rows = builder.reshape(builder.concat(taps, 1), [positions, taps.length * inChannels]);
  const product = builder.matMul(gradient, rows);
  const byTap = builder.reshape(product, [outChannels, height * width, inChannels]);
  return builder.reshape(builder.transpose(byTap, [0, 2, 1]), geometry.filterShape);
};

/** Each tap's `[O, C]` to `[O, C, kh, kw]`. */
function tapsLast(
  builder: GraphBuilder,
  taps: readonly GraphValue[],
  { filterShape }: Geometry,
): GraphValue {
  const [outChannels, inChannels] = filterShape;
  const columns = taps.map((tap) => builder.reshape(tap, [outChannels, inChannels, 1]));
  return builder.reshape(builder.concat(columns, 2), filterShape);
}

/** The input as each tap of the filter saw it, row by row of the filter: `[N, H', W', C]` each. */
function tapInputs(
  builder: GraphBuilder,
  x: GraphValue,
  { filterShape, outputSize: [height, width], strides, pads }: Geometry,
): GraphValue[] {
  const [, inChannels, kernelHeight, kernelWidth] = filterShape;
  const [top, left, bottom, right] = pads;
  const last = builder.transpose(x, [0, 2, 3, 1]);
  const padded = builder.pad(last, [0, top, left, 0], [0, bottom, right, 0]);
  const step = strides[0] === 1 && strides[1] === 1 ? undefined : [1, ...strides, 1];
  const taps: GraphValue[] = [];
  for (let i = 0; i < kernelHeight; i++) {
    for (let j = 0; j < kernelWidth; j++) {
      const bottomEnd = i + (height - 1) * strides[0] + 1;
      const rightEnd = j + (width - 1) * strides[1] + 1;
      const ends = [x.shape[0]!, bottomEnd, rightEnd, inChannels];
      taps.push(builder.slice(padded, [0, i, j, 0], ends, step));
    }
  }
  return taps;
}
