/** @file Images `[N, H, W, C]` turned and transformed. The export name is the TF.js kernel name. */
import * as tf from "@tensorflow/tfjs";

import { rank4 } from "../../base/shape.ts";
import type { GraphValue } from "../../graph/graph.ts";
import type { GraphBuilder, Lowering } from "../lowering.ts";
import { coordinates, pixelReader, round, type PixelReader } from "../pixels.ts";

/** The coordinates of `width` columns, or of `height` rows, side by side. */
function columnsOf(builder: GraphBuilder, width: number): GraphValue {
  return builder.reshape(coordinates(builder, width), [1, width]);
}

function rowsOf(builder: GraphBuilder, height: number): GraphValue {
  return builder.reshape(coordinates(builder, height), [height, 1]);
}

/** What TF.js fills the last of four channels with. */
const opaque = 255;

export const RotateWithOffset: Lowering<tf.RotateWithOffsetAttrs> = (
  builder,
  { image },
  { radians, fillValue, center },
) => {
  if (image!.dtype !== "float32") return undefined;
  const [, height, width, channels] = rank4(image!.shape);
  const [centerX, centerY] = tf.backend_util
    .getImageCenter(center, height, width)
    .map((each) => builder.scalar(each, "float64"));
  const x = builder.sub(columnsOf(builder, width), centerX!);
  const y = builder.sub(rowsOf(builder, height), centerY!);
  const [sin, cos] = [Math.sin(radians), Math.cos(radians)].map((each) =>
    builder.scalar(each, "float64"),
  );
  const turnedX = builder.sub(builder.mul(x, cos!), builder.mul(y, sin!));
  const turnedY = builder.add(builder.mul(x, sin!), builder.mul(y, cos!));
  const column = round(builder, builder.add(turnedX, centerX!));
  const row = round(builder, builder.add(turnedY, centerY!));
  const fills = Float32Array.from({ length: channels }, (_, channel) => {
    if (typeof fillValue === "number") return fillValue;
    return channel === 3 ? opaque : (fillValue[channel] ?? NaN);
  });
  const fill = builder.graph.constant("float32", fills, [channels]);
  return pixelReader(builder, image!, fill)(row, column);
};

/** A coordinate beside an axis, as one on it. */
function mapped(
  builder: GraphBuilder,
  x: GraphValue,
  length: number,
  mode: tf.TransformAttrs["fillMode"],
): GraphValue {
  if (mode === "constant") return x;
  const number = (value: number): GraphValue => builder.scalar(value, "float64");
  const floor = (value: GraphValue): GraphValue => builder.unary("Floor", value);
  const negative = builder.unary("Neg", x);
  const isBefore = builder.binary("Less", x, number(0), "bool");
  const isBehind = builder.binary("Greater", x, number(length - 1), "bool");
  const fold = (before: GraphValue, behind: GraphValue): GraphValue =>
    builder.where(isBefore, before, builder.where(isBehind, behind, x));
  const on = (value: GraphValue): GraphValue =>
    builder.node("Clip", [value, number(0), number(length - 1)], value);
  if (mode === "nearest") return on(x);
  if (length === 1) return builder.mul(x, number(0));
  if (mode === "wrap") {
    const [whole, period] = [number(length), number(length - 1)];
    const turns = builder.add(floor(builder.div(negative, period)), number(1));
    const before = builder.add(x, builder.mul(whole, turns));
    const behind = builder.sub(x, builder.mul(whole, floor(builder.div(x, period))));
    return on(fold(before, behind));
  }
  const period = number(2 * length);
  const rest = builder.add(builder.mul(period, floor(builder.div(negative, period))), x);
  const before = builder.where(
    builder.binary("Less", rest, number(-length), "bool"),
    builder.add(rest, period),
    builder.sub(builder.unary("Neg", rest), number(1)),
  );
  const further = builder.sub(x, builder.mul(period, floor(builder.div(x, period))));
  const behind = builder.where(
    builder.binary("GreaterOrEqual", further, number(length), "bool"),
    builder.sub(builder.sub(period, further), number(1)),
    further,
  );
  return on(fold(before, behind));
}

/**
 * Each pixel is the image's at ((t0 x + t1 y + t2) / p, (t3 x + t4 y + t5) / p), where
 * p = t6 x + t7 y + 1. TF.js's CPU kernel stops after the first image: not followed there.
 */
export const Transform: Lowering<tf.TransformAttrs> = (
  builder,
  { image, transforms },
  { interpolation, fillMode, fillValue, outputShape },
) => {
  if (image!.dtype !== "float32" || transforms!.dtype !== "float32") return undefined;
  const [, height, width, channels] = rank4(image!.shape);
  const [outHeight, outWidth] = outputShape ?? [height, width];
  const [x, y] = [columnsOf(builder, outWidth), rowsOf(builder, outHeight)];
  const count = transforms!.shape[0]!;
  const exact = builder.cast(transforms!, "float64");
  const factor = (i: number): GraphValue =>
    builder.reshape(builder.slice(exact, [0, i], [count, i + 1]), [count, 1, 1]);
  const plane = (i: number, j: number, offset: GraphValue): GraphValue => {
    const sum = builder.add(builder.mul(factor(i), x), builder.mul(factor(j), y));
    return builder.add(sum, offset);
  };
  const projection = plane(6, 7, builder.scalar(1, "float64"));
  const isInfinite = builder.binary("Equal", projection, builder.scalar(0, "float64"), "bool");
  const column = builder.div(plane(0, 1, factor(2)), projection);
  const row = builder.div(plane(3, 4, factor(5)), projection);
  const [atX, atY] = [
    mapped(builder, column, width, fillMode),
    mapped(builder, row, height, fillMode),
  ].map((at) => builder.where(isInfinite, builder.scalar(-2, "float64"), at));
  const fill = builder.fill([channels], fillValue, "float32");
  const read = pixelReader(builder, image!, fill);
  return interpolation === "nearest"
    ? read(round(builder, atY!), round(builder, atX!))
    : bilinear(builder, atY!, atX!, read);
};

/** The four pixels around a place, the nearer the heavier. */
function bilinear(
  builder: GraphBuilder,
  y: GraphValue,
  x: GraphValue,
  read: PixelReader,
): GraphValue {
  const one = builder.scalar(1, "float64");
  const [top, left] = [builder.unary("Floor", y), builder.unary("Floor", x)];
  const [bottom, right] = [builder.add(top, one), builder.add(left, one)];
  const weigh = (a: GraphValue, b: GraphValue): GraphValue => {
    const weight = builder.cast(builder.sub(a, b), "float32");
    return builder.reshape(weight, [...weight.shape, 1]);
  };
  const mix = (
    low: GraphValue,
    lowWeight: GraphValue,
    high: GraphValue,
    highWeight: GraphValue,
  ): GraphValue => builder.add(builder.mul(lowWeight, low), builder.mul(highWeight, high));
  const [near, far] = [weigh(right, x), weigh(x, left)];
  const above = mix(read(top, left), near, read(top, right), far);
  const below = mix(read(bottom, left), near, read(bottom, right), far);
  return mix(above, weigh(bottom, y), below, weigh(y, top));
}
