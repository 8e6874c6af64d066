import { rank4 } from "../base/shape.ts";
import type { GraphValue } from "../graph/graph.ts";
import { canBeBlocked, convolveBlocked, paysBlocked } from "./blockedConvolution.ts";
import { convolveByColumns } from "./columnConvolution.ts";
import {
  convolutionWork,
  geometryOf,
  hasSmallColumns,
  isTiny,
  paysInColumns,
  type ConvolutionAttributes,
  type Geometry,
} from "./convolutionGeometry.ts";
import { computeInForm, type Form } from "./forms.ts";
import type { GraphBuilder } from "./lowering.ts";

/** By ONNX Runtime's `Conv`, its convolution in blocks of channels, or a product of columns. */
export function convolve(
  builder: GraphBuilder,
  x: GraphValue,
  filter: GraphValue,
  bias: GraphValue | undefined,
  { strides, pads }: ConvolutionAttributes,
): GraphValue {
  const [channels, , ...kernel] = rank4(filter.shape);
  const geometry = geometryOf(x.shape, filter.shape, { strides, pads });
  const { outputSize } = geometry;
  const shape = [x.shape[0]!, channels, ...outputSize];
  const forms: Record<string, Form> = {
    plain: (to, inputs) =>
      to.node("Conv", inputs, { shape, dtype: x.dtype }, { strides, pads, kernel_shape: kernel }),
  };
  if (canBeBlocked(builder, x, filter)) {
    forms["blocked"] = (to, [image, weights, shift]) =>
      convolveBlocked(to, image!, weights!, shift, { strides, pads, shape });
  }
  const usual = usualForm(builder, x, filter, geometry);
  if (usual === "columns" || (!builder.target.isPortable && hasSmallColumns(geometry))) {
    forms["columns"] = (to, [image, weights, shift]) =>
      convolveByColumns(to, image!, weights!, shift, geometry);
  }
  const work = convolutionWork("SeedbedConv2d", geometry);
  return computeInForm(builder, bias ? [x, filter, bias] : [x, filter], { work, forms, usual });
}

/** Measured: docs/decisions/0003. */
function usualForm(
  builder: GraphBuilder,
  x: GraphValue,
  filter: GraphValue,
  geometry: Geometry,
): "plain" | "blocked" | "columns" {
  const { isPortable, isDevice } = builder.target;
  const isFast = isDevice ? isTiny(geometry) : paysInColumns(geometry);
  if (isFast && !isPortable) return "columns";
  const canBe = canBeBlocked(builder, x, filter);
  return canBe && paysBlocked(x, filter, geometry.outputSize) ? "blocked" : "plain";
}
