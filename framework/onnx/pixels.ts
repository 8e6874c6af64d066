import { rank4 } from "../base/shape.ts";
import type { GraphValue } from "../graph/graph.ts";
import type { GraphBuilder } from "./lowering.ts";

/** Pixels `[N, height, width, C]` at rows and columns that are whole numbers, float64. */
export type PixelReader = (y: GraphValue, x: GraphValue) => GraphValue;

/**
 * Reads `images [N, H, W, C]`, each at the same places or at its own.
 *
 * @param fill `[C]`, the pixel beside an image
 */
export function pixelReader(
  builder: GraphBuilder,
  images: GraphValue,
  fill: GraphValue,
): PixelReader {
  const [batch, height, width, channels] = rank4(images.shape);
  const size = batch * height * width;
  const list = builder.reshape(images, [size, channels]);
  const all = builder.concat([list, builder.reshape(fill, [1, channels])], 0);
  const firsts = Int32Array.from({ length: batch }, (_, i) => i * height * width);
  const first = builder.graph.constant("int32", firsts, [batch, 1, 1]);
  return (y, x) => {
    const inside = builder.binary(
      "And",
      isWithin(builder, y, 0, height - 1),
      isWithin(builder, x, 0, width - 1),
    );
    const flat = builder.add(builder.mul(y, builder.scalar(width, "float64")), x);
    const place = builder.where(inside, flat, builder.scalar(0, "float64"));
    const index = builder.add(first, builder.cast(place, "int32"));
    const known = builder.where(inside, index, builder.scalar(size, "int32"));
    const output = { shape: [...known.shape, channels], dtype: images.dtype };
    return builder.node("Gather", [all, known], output, { axis: 0 });
  };
}

/** Whether `low <= x <= high`, which is not so of NaN. */
export function isWithin(
  builder: GraphBuilder,
  x: GraphValue,
  low: number,
  high: number,
): GraphValue {
  return builder.binary(
    "And",
    builder.binary("GreaterOrEqual", x, builder.scalar(low, x.dtype), "bool"),
    builder.binary("LessOrEqual", x, builder.scalar(high, x.dtype), "bool"),
  );
}

/** Halves go upward, as `Math.round`'s do. */
export function round(builder: GraphBuilder, x: GraphValue): GraphValue {
  return builder.unary("Floor", builder.add(x, builder.scalar(0.5, x.dtype)));
}

/** The coordinates 0, 1, … of `length` pixels, float64. */
export function coordinates(builder: GraphBuilder, length: number): GraphValue {
  const numbers = Float64Array.from({ length }, (_, i) => i);
  return builder.graph.constant("float64", numbers, [length]);
}
