/** @file The best of boxes that overlap. The export name is the TF.js kernel name. */
import type * as tf from "@tensorflow/tfjs";

import type { Lowering } from "../lowering.ts";

/** The largest float32 below `x`. */
function float32Below(x: number): number {
  const rounded = Math.fround(x);
  if (rounded < x) return rounded;
  if (rounded === 0) return -(2 ** -149);
  const bits = new Int32Array(Float32Array.of(rounded).buffer);
  bits[0]! -= Math.sign(rounded);
  return new Float32Array(bits.buffer)[0]!;
}

/**
 * With `padToMaxOutputSize` alone: without it the number of boxes is in no shape. TF.js leaves out
 * what overlaps as much as the threshold, ONNX what overlaps more, so it is given the float32 below.
 */
export const NonMaxSuppressionV4: Lowering<tf.NonMaxSuppressionV4Attrs> = (
  builder,
  { boxes, scores },
  { maxOutputSize, iouThreshold, scoreThreshold, padToMaxOutputSize },
) => {
  if (boxes!.dtype !== "float32" || scores!.dtype !== "float32") return undefined;
  if (!padToMaxOutputSize || iouThreshold <= 0) return undefined;
  const count = builder.size(scores!);
  const rounded = Math.fround(scoreThreshold);
  const least = rounded <= scoreThreshold ? rounded : float32Below(scoreThreshold);
  const found = builder.node(
    "NonMaxSuppression",
    [
      builder.reshape(boxes!, [1, count, 4]),
      builder.reshape(scores!, [1, 1, count]),
      builder.integers([maxOutputSize]),
      builder.scalar(float32Below(iouThreshold)),
      builder.scalar(least),
    ],
    // In truth it has as many rows as there are boxes left.
    { shape: [maxOutputSize, 3], dtype: "int64" },
  );
  const size = { shape: [maxOutputSize], dtype: "int64" } as const;
  const column = builder.scalar(2, "int64");
  const numbers = builder.node("Gather", [found, column], size, { axis: 1 });
  const padded = builder.concat([numbers, builder.fill([maxOutputSize], 0, "int64")], 0);
  const selected = builder.slice(padded, [0], [maxOutputSize]);
  const valid = builder.node("Size", [numbers], { shape: [], dtype: "int64" });
  return [builder.cast(selected, "int32"), builder.cast(valid, "int32")];
};
