/** @file Grey-scale dilation, channels last. The export name is the TF.js kernel name. */
import * as tf from "@tensorflow/tfjs";

import { rank4, sameShape } from "../../base/shape.ts";
import type { GraphValue } from "../../graph/graph.ts";
import type { GraphBuilder, Lowering } from "../lowering.ts";
import { firstOf, spread, tapsOf, type Tap, type Windows } from "../windows.ts";

/** What TF.js starts from when it looks for the largest sum. */
const least = Number.MIN_SAFE_INTEGER;
/** Places in a window up to which each is worth nodes of its own. */
const maxPlaces = 256;

/** Undefined for what these lowerings do not express. */
function windowsOf(
  x: GraphValue,
  filter: GraphValue,
  { strides, pad, dilations }: tf.Dilation2DAttrs,
): Windows | undefined {
  const [batch, height, width, channels] = rank4(x.shape);
  const [filterHeight = 1, filterWidth = 1, filterChannels = 1] = filter.shape;
  const info = tf.backend_util.computeDilation2DInfo(
    [batch, height, width, channels],
    [filterHeight, filterWidth, filterChannels],
    strides,
    pad,
    "NHWC",
    dilations,
  );
  const { top, bottom, left, right } = info.padInfo;
  const floats = x.dtype === "float32" && filter.dtype === "float32";
  if (!floats || filterHeight * filterWidth > maxPlaces) return undefined;
  return {
    from: [height, width],
    to: [info.outHeight, info.outWidth],
    size: [filterHeight, filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    before: [top, left],
    after: [bottom, right],
  };
}

/** For each place in the window, what is there and the filter's number of that place, added. */
function sumsOf(builder: GraphBuilder, x: GraphValue, filter: GraphValue, windows: Windows): Tap[] {
  const channels = x.shape.at(-1)!;
  return tapsOf(builder, x, windows).map(({ place, value }) => {
    const [row = 0, column = 0] = place;
    const weight = builder.slice(filter, [row, column, 0], [row + 1, column + 1, channels]);
    return { place, value: builder.add(value, builder.reshape(weight, [channels])) };
  });
}

/** The largest of each window; what is NaN or padding is none. */
function largest(builder: GraphBuilder, sums: readonly Tap[]): GraphValue {
  const start = builder.fill(sums[0]!.value.shape, least, "float32");
  return sums.reduce((best, { value }) => {
    return builder.where(builder.binary("Greater", value, best, "bool"), value, best);
  }, start);
}

/** Each window's gradient at the first place that has the largest sum; the first if none has. */
function shares(
  builder: GraphBuilder,
  { x, filter, dy }: { x: GraphValue; filter: GraphValue; dy: GraphValue },
  windows: Windows,
): Tap[] {
  const sums = sumsOf(builder, x, filter, windows);
  const { hits, none } = firstOf(builder, sums, largest(builder, sums));
  return hits.map(({ place, value }, i) => {
    const hit = i === 0 ? builder.binary("Or", value, none) : value;
    return { place, value: builder.where(hit, dy, builder.scalar(0)) };
  });
}

const gradient =
  (
    finish: (builder: GraphBuilder, taps: readonly Tap[], windows: Windows) => GraphValue,
  ): Lowering<tf.Dilation2DAttrs> =>
  (builder, { x, filter, dy }, attributes) => {
    const windows = windowsOf(x!, filter!, attributes);
    if (!windows || dy!.dtype !== "float32") return undefined;
    const outShape = [x!.shape[0]!, ...windows.to, x!.shape[3]!];
    if (!sameShape(dy!.shape, outShape)) return undefined;
    return finish(builder, shares(builder, { x: x!, filter: filter!, dy: dy! }, windows), windows);
  };

/** y_ij = max over kl of x_(i+k)(j+l) + filter_kl, for each channel */
export const Dilation2D: Lowering<tf.Dilation2DAttrs> = (builder, { x, filter }, attributes) => {
  const windows = windowsOf(x!, filter!, attributes);
  return windows && largest(builder, sumsOf(builder, x!, filter!, windows));
};

export const Dilation2DBackpropInput: Lowering<tf.Dilation2DAttrs> = gradient(spread);

export const Dilation2DBackpropFilter: Lowering<tf.Dilation2DAttrs> = gradient(
  (builder, taps, windows) => {
    const rows = taps.map(({ value }) => {
      const sum = builder.sum(value, [0, 1, 2]);
      return builder.reshape(sum, [1, builder.size(sum)]);
    });
    const channels = rows[0]!.shape[1]!;
    return builder.reshape(builder.concat(rows, 0), [...windows.size, channels]);
  },
);
