/** @file Our own group, layer and RMS norm with closed-form gradients. The export name is the kernel name. */
import type { GraphValue } from "../../graph/graph.ts";
import type { GraphBuilder, Lowering } from "../lowering.ts";
import { silu, siluGradient } from "./activation.ts";

interface GroupNormAttributes {
  groups: number;
  epsilon: number;
  activation: "none" | "silu";
}

/** Rows of `x [rows, width]` with mean 0 and deviation 1; also their means and 1/deviations. */
function standardize(
  builder: GraphBuilder,
  x: GraphValue,
  scale: GraphValue,
  offset: GraphValue | undefined,
  epsilon: number,
): readonly GraphValue[] {
  const statistics = { shape: [...x.shape.slice(0, -1), 1], dtype: x.dtype };
  return builder.graph.node(
    "LayerNormalization",
    offset ? [x, scale, offset] : [x, scale],
    { axis: -1, epsilon: { float: epsilon } },
    [x, statistics, statistics],
  );
}

/** `[N, C, ...]` as `[N, C, positions]`. */
function flatten(builder: GraphBuilder, x: GraphValue): GraphValue {
  const [batch, channels] = x.shape;
  return builder.reshape(x, [batch!, channels!, builder.size(x) / (batch! * channels!)]);
}

/** Outputs: activation(norm(x) * scale + offset), mean and 1/deviation `[N, groups, 1]`. */
export const SeedbedGroupNorm: Lowering<GroupNormAttributes> = (
  builder,
  { x, scale, offset },
  { groups, epsilon, activation },
) => {
  const [batch, channels] = x!.shape;
  const width = builder.size(x!) / (batch! * groups);
  const rows = builder.reshape(x!, [batch!, groups, width]);
  const ones = builder.fill([width], 1, "float32");
  const [normal, mean, inverse] = standardize(builder, rows, ones, undefined, epsilon);
  const spread = builder.reshape(normal!, flatten(builder, x!).shape);
  const scaled = builder.mul(spread, builder.reshape(scale!, [channels!, 1]));
  const shifted = builder.add(scaled, builder.reshape(offset!, [channels!, 1]));
  const active = activation === "silu" ? silu(builder, shifted) : shifted;
  return [builder.reshape(active, x!.shape), mean!, inverse!];
};

/**
 * With z = a x + b per channel, a = scale / deviation: dx = a dz + B x + C, where B and C are one
 * number per group, so that the large arrays are walked few times. All is laid out as `[N, groups,
 * channels of a group, positions]`, where these numbers need not be repeated.
 */
export const SeedbedGroupNormGradient: Lowering<GroupNormAttributes> = (
  builder,
  { dy, x, scale, offset, mean, inverseDeviation },
  { groups, activation },
) => {
  const [batch = 1, channels = 1] = x!.shape;
  const perGroup = channels / groups;
  const positions = builder.size(x!) / (batch * channels);
  const [flat, flatDy] = [x!, dy!].map((value) =>
    builder.reshape(value, [batch, groups, perGroup, positions]),
  );
  const [weight, shift] = [scale!, offset!].map((value) =>
    builder.reshape(value, [groups, perGroup]),
  );
  const [inverse, center] = [inverseDeviation!, mean!].map((value) =>
    builder.reshape(value, [batch, groups, 1]),
  );
  const alongPositions = (value: GraphValue): GraphValue =>
    builder.reshape(value, [...value.shape, 1]);
  const a = builder.mul(inverse!, weight!);
  let dz = flatDy!;
  if (activation === "silu") {
    const b = builder.sub(shift!, builder.mul(center!, a));
    const z = builder.add(builder.mul(flat!, alongPositions(a)), alongPositions(b));
    dz = siluGradient(builder, dz, z);
  }
  const sumDz = builder.sum(dz, [3]);
  const sumDzX = builder.sum(builder.mul(dz, flat!), [3]);
  const centered = builder.mul(builder.sub(sumDzX, builder.mul(center!, sumDz)), inverse!);
  const [dscale, doffset] = [centered, sumDz].map((value) =>
    builder.sum(builder.reshape(value, [batch, channels]), [0]),
  );
  const inGroup = (value: GraphValue): GraphValue =>
    builder.sum(builder.mul(value, weight!), [2], true);
  const perElement = builder.mul(inverse!, builder.scalar(1 / (perGroup * positions)));
  const first = builder.mul(inGroup(sumDz), perElement);
  const second = builder.mul(inGroup(centered), perElement);
  const slope = builder.mul(second, inverse!);
  const constant = builder.sub(builder.mul(slope, center!), first);
  const dx = builder.add(
    builder.sub(builder.mul(dz, alongPositions(a)), builder.mul(flat!, alongPositions(slope))),
    alongPositions(constant),
  );
  return [builder.reshape(dx, x!.shape), dscale!, doffset!];
};

/** Outputs: norm(x) * scale + offset over the last axis, mean and 1/deviation `[..., 1]`. */
export const SeedbedLayerNorm: Lowering<{ epsilon: number }> = (
  builder,
  { x, scale, offset },
  { epsilon },
) => standardize(builder, x!, scale!, offset, epsilon);

export const SeedbedLayerNormGradient: Lowering = (
  builder,
  { dy, x, scale, mean, inverseDeviation },
) => {
  const normal = builder.mul(builder.sub(x!, mean!), inverseDeviation!);
  const last = x!.shape.length - 1;
  const leading = x!.shape.slice(0, -1).map((_, axis) => axis);
  const weighted = builder.mul(dy!, scale!);
  const meanWeighted = builder.mean(weighted, [last], true);
  const meanProduct = builder.mean(builder.mul(weighted, normal), [last], true);
  const centered = builder.sub(
    builder.sub(weighted, meanWeighted),
    builder.mul(normal, meanProduct),
  );
  const dx = builder.mul(centered, inverseDeviation!);
  return [dx, builder.sum(builder.mul(dy!, normal), leading), builder.sum(dy!, leading)];
};

/** Outputs: x / rms(x) * scale over the last axis and 1/rms `[..., 1]`. */
export const SeedbedRmsNorm: Lowering<{ epsilon: number }> = (
  builder,
  { x, scale },
  { epsilon },
) => {
  const statistics = { shape: [...x!.shape.slice(0, -1), 1], dtype: x!.dtype };
  const attributes = { axis: -1, epsilon: { float: epsilon } };
  const outputs = [x!, statistics];
  return builder.graph.node("SimplifiedLayerNormalization", [x, scale], attributes, outputs);
};

export const SeedbedRmsNormGradient: Lowering = (builder, { dy, x, scale, inverseRms }) => {
  const normal = builder.mul(x!, inverseRms!);
  const last = x!.shape.length - 1;
  const leading = x!.shape.slice(0, -1).map((_, axis) => axis);
  const weighted = builder.mul(dy!, scale!);
  const meanProduct = builder.mean(builder.mul(weighted, normal), [last], true);
  const along = builder.sub(weighted, builder.mul(normal, meanProduct));
  const dx = builder.mul(along, inverseRms!);
  return [dx, builder.sum(builder.mul(dy!, normal), leading)];
};
