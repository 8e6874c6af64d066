/** @file Boxes cut out of images. The export name is the TF.js kernel name. */
import type * as tf from "@tensorflow/tfjs";

import { rank4 } from "../../base/shape.ts";
import type { GraphValue } from "../../graph/graph.ts";
import type { GraphBuilder, Lowering } from "../lowering.ts";
import { coordinates, isWithin, round } from "../pixels.ts";

/**
 * Where each of `to` pixels lies on an axis of `from` pixels, `[boxes, to]`.
 *
 * @param low where the box begins, `[boxes, 1]`: the first pixel of `from` is 0, the last is 1
 */
function along(
  builder: GraphBuilder,
  low: GraphValue,
  high: GraphValue,
  from: number,
  to: number,
): GraphValue {
  const number = (value: number): GraphValue => builder.scalar(value, "float64");
  const last = number(from - 1);
  if (to === 1) return builder.mul(builder.mul(number(0.5), builder.add(low, high)), last);
  const step = builder.div(builder.mul(builder.sub(high, low), last), number(to - 1));
  return builder.add(builder.mul(low, last), builder.mul(coordinates(builder, to), step));
}

/** Whether places are beside an axis of `length` pixels, which NaN is not. */
function isBeside(builder: GraphBuilder, places: GraphValue, length: number): GraphValue {
  return builder.binary(
    "Or",
    builder.binary("Less", places, builder.scalar(0, "float64"), "bool"),
    builder.binary("Greater", places, builder.scalar(length - 1, "float64"), "bool"),
  );
}

interface Axis {
  /** Where to read, `[boxes, to]`. */
  places: GraphValue;
  length: number;
  method: tf.CropAndResizeAttrs["method"];
  /** What is at whole places, which are int32; all from 0 to `length - 1`. */
  read: (places: GraphValue) => GraphValue;
  /** A weight or a mask of each place as what multiplies what was read. */
  spread: (x: GraphValue) => GraphValue;
}

/** What an axis has at its places, or between two. Something else beside the axis. */
function sample(builder: GraphBuilder, { places, length, method, read, spread }: Axis): GraphValue {
  const inside = isWithin(builder, places, 0, length - 1);
  const known = builder.where(inside, places, builder.scalar(0, "float64"));
  const readAt = (whole: GraphValue): GraphValue => read(builder.cast(whole, "int32"));
  if (method === "nearest") return readAt(round(builder, known));
  const before = builder.unary("Floor", known);
  const [low, high] = [readAt(before), readAt(builder.unary("Ceil", known))];
  const weight = spread(builder.cast(builder.sub(known, before), "float32"));
  return builder.add(low, builder.mul(builder.sub(high, low), weight));
}

/**
 * Whole rows are read first, then columns of these. As in TF.js's kernel, what is beside the image
 * is `extrapolationValue`, all is 0 for an image behind the last, and NaN for one before the first
 * or a box of NaN.
 */
export const CropAndResize: Lowering<tf.CropAndResizeAttrs> = (
  builder,
  { image, boxes, boxInd },
  { cropSize: [cropHeight, cropWidth], method, extrapolationValue },
) => {
  if (boxes!.dtype !== "float32" || boxInd!.dtype !== "int32") return undefined;
  const [batch, height, width, channels] = rank4(image!.shape);
  const count = boxes!.shape[0]!;
  const exact = builder.cast(boxes!, "float64");
  const side = (i: number): GraphValue => builder.slice(exact, [0, i], [count, i + 1]);
  const y = along(builder, side(0), side(2), height, cropHeight);
  const x = along(builder, side(1), side(3), width, cropWidth);
  const unknown = builder.scalar(NaN);
  const extrapolated = builder.scalar(extrapolationValue);
  const gather = (lines: GraphValue, index: GraphValue): GraphValue => {
    const output = { shape: [...index.shape, lines.shape[1]!], dtype: lines.dtype };
    return builder.node("Gather", [lines, index], output, { axis: 0 });
  };

  const number = builder.reshape(boxInd!, [count, 1]);
  const exists = isWithin(builder, number, 0, batch - 1);
  const images = builder.cast(image!, "float32");
  const lines = builder.reshape(images, [batch * height, width * channels]);
  const firstRow = builder.mul(
    builder.where(exists, number, builder.scalar(0, "int32")),
    builder.scalar(height, "int32"),
  );
  const eachRow = (value: GraphValue): GraphValue => builder.reshape(value, [...value.shape, 1]);
  const read = sample(builder, {
    places: y,
    length: height,
    method,
    read: (rows) => gather(lines, builder.add(firstRow, rows)),
    spread: eachRow,
  });
  const isRow = builder.binary("And", exists, isWithin(builder, y, 0, height - 1));
  const rows = builder.where(eachRow(isRow), read, unknown);

  const pixels = builder.reshape(rows, [count * cropHeight * width, channels]);
  const firsts = Int32Array.from({ length: count * cropHeight }, (_, i) => i * width);
  const firstPixel = builder.graph.constant("int32", firsts, [count, cropHeight, 1]);
  const eachColumn = (value: GraphValue): GraphValue => {
    const one = builder.reshape(value, [count, 1, cropWidth, 1]);
    const all = builder.broadcastTo(one, [count, 1, cropWidth, channels]);
    return builder.reshape(all, [count, 1, cropWidth * channels]);
  };
  const across = sample(builder, {
    places: x,
    length: width,
    method,
    read: (columns) => {
      const inBox = builder.reshape(columns, [count, 1, cropWidth]);
      const found = gather(pixels, builder.add(firstPixel, inBox));
      return builder.reshape(found, [count, cropHeight, cropWidth * channels]);
    },
    spread: eachColumn,
  });
  const isColumn = isWithin(builder, x, 0, width - 1);
  const otherColumn = builder.where(isBeside(builder, x, width), extrapolated, unknown);
  const crop = builder.where(eachColumn(isColumn), across, eachColumn(otherColumn));

  const isBehind = builder.binary("GreaterOrEqual", number, builder.scalar(batch, "int32"), "bool");
  const isOther = builder.binary("Or", isBehind, isBeside(builder, y, height));
  const otherRow = builder.where(isBehind, builder.scalar(0), extrapolated);
  const whole = builder.where(eachRow(isOther), eachRow(otherRow), crop);
  return builder.reshape(whole, [count, cropHeight, cropWidth, channels]);
};
