/** @file Normalization over neighbouring channels. The export name is the TF.js kernel name. */
import type * as tf from "@tensorflow/tfjs";

import { rank4 } from "../../base/shape.ts";
import type { GraphValue } from "../../graph/graph.ts";
import type { GraphBuilder, Lowering } from "../lowering.ts";

/** x / (bias + alpha s)^beta, s the sum of squares over `depthRadius` channels on both sides. */
export const LRN: Lowering<tf.LRNAttrs> = (builder, { x }, attributes) => {
  if (x!.dtype !== "float32") return undefined;
  const norm = normOf(builder, x!, attributes);
  const power = builder.binary("Pow", norm, builder.scalar(-attributes.beta));
  return builder.mul(x!, power);
};

/** dx_k = dy_k n_k^-beta - 2 alpha beta x_k sum(y dy / n) over the neighbours of k, n the norm. */
export const LRNGrad: Lowering<tf.LRNGradAttrs> = (builder, { x, y, dy }, attributes) => {
  if ([x, y, dy].some((each) => each!.dtype !== "float32")) return undefined;
  const { alpha, beta, depthRadius } = attributes;
  const norm = normOf(builder, x!, attributes);
  const direct = builder.mul(dy!, builder.binary("Pow", norm, builder.scalar(-beta)));
  const share = builder.div(builder.mul(y!, dy!), norm);
  const sum = sumOverNeighbours(builder, share, depthRadius);
  return builder.sub(direct, builder.mul(builder.mul(x!, builder.scalar(2 * alpha * beta)), sum));
};

/** bias + alpha times the sum of squares */
function normOf(
  builder: GraphBuilder,
  x: GraphValue,
  { depthRadius, bias, alpha }: tf.LRNAttrs,
): GraphValue {
  const sum = sumOverNeighbours(builder, builder.mul(x, x), depthRadius);
  return builder.add(builder.mul(sum, builder.scalar(alpha)), builder.scalar(bias));
}

/** For each channel of `x [N, H, W, C]` the sum over those at most `radius` away: a band matrix. */
function sumOverNeighbours(builder: GraphBuilder, x: GraphValue, radius: number): GraphValue {
  const [, , , channels] = rank4(x.shape);
  const band = Float32Array.from({ length: channels ** 2 }, (_, i) =>
    Math.abs((i % channels) - Math.floor(i / channels)) <= radius ? 1 : 0,
  );
  const matrix = builder.graph.constant("float32", band, [channels, channels]);
  const rows = builder.reshape(x, [builder.size(x) / channels, channels]);
  return builder.reshape(builder.matMul(rows, matrix), x.shape);
}
