import { rank4 } from "../base/shape.ts";
import type { GraphValue } from "../graph/graph.ts";
import { canBeBlocked, convolveBlocked, paysBlocked } from "./blockedConvolution.ts";
import { convolutionWork, geometryOf, type ConvolutionAttributes } from "./convolutionGeometry.ts";
import { computeInForm, type Form } from "./forms.ts";
import type { GraphBuilder } from "./lowering.ts";

/** By ONNX Runtime's `Conv`, or its convolution in blocks of channels. */
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
  const usual = forms["blocked"] && paysBlocked(x, filter, outputSize) ? "blocked" : "plain";
  const work = convolutionWork("SeedbedConv2d", geometry);
  return computeInForm(builder, bias ? [x, filter, bias] : [x, filter], { work, forms, usual });
}
