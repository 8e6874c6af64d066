/** @file Our own NCHW convolution and its gradients. The export name is the kernel name. */
import { rank4 } from "../../base/shape.ts";
import { geometryOf, type ConvolutionAttributes } from "../convolutionGeometry.ts";
import { convolve } from "../convolve.ts";
import { filterGradient } from "../filterGradient.ts";
import { inputGradient } from "../inputGradient.ts";
import type { Lowering } from "../lowering.ts";

/** `x [N, C, H, W]` with `filter [O, C, kh, kw]` and perhaps `bias [O]`. */
export const SeedbedConv2d: Lowering<ConvolutionAttributes> = (
  builder,
  { x, filter, bias },
  attributes,
) => convolve(builder, x!, filter!, bias, attributes);

/** The gradient for the input. */
export const SeedbedConv2dInputGradient: Lowering<
  ConvolutionAttributes & { inputShape: number[] }
> = (builder, { dy, filter }, { inputShape, strides, pads }) => {
  const geometry = geometryOf(inputShape, filter!.shape, { strides, pads });
  return inputGradient(builder, dy!, filter!, geometry);
};

/** The gradient for the filter. */
export const SeedbedConv2dFilterGradient: Lowering<
  ConvolutionAttributes & { filterShape: number[] }
> = (builder, { x, dy }, attributes) => {
  const geometry = geometryOf(x!.shape, attributes.filterShape, attributes);
  return filterGradient(builder, x!, dy!, geometry);
};

/** Doubles height and width by repeating: `[N, C, H, W]` to `[N, C, 2H, 2W]`. */
export const SeedbedUpsampleNearest2x: Lowering = (builder, { x }) => {
  const [batch, channels, height, width] = rank4(x!.shape);
  const scales = builder.graph.constant("float32", Float32Array.of(1, 1, 2, 2), [4]);
  const output = { shape: [batch, channels, height * 2, width * 2], dtype: x!.dtype };
  return builder.node("Resize", [x, undefined, scales], output, {
    mode: "nearest",
    coordinate_transformation_mode: "asymmetric",
    nearest_mode: "floor",
  });
};

/** Each cell's gradient is the sum of its four copies': four times their mean. */
export const SeedbedUpsampleNearest2xGradient: Lowering = (builder, { dy }) => {
  const [batch, channels, height, width] = rank4(dy!.shape);
  const shape = [batch, channels, height / 2, width / 2];
  const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
  const mean = builder.node("AveragePool", [dy], { shape, dtype: dy!.dtype }, attributes);
  return builder.mul(mean, builder.scalar(4));
};
