import type * as tf from "@tensorflow/tfjs";

import { sizeOf } from "../base/shape.ts";

type Shape = readonly number[];

/** One call of a TF.js kernel, by its shapes. */
export interface KernelCall {
  /** Shapes of the inputs by their names; a list's are numbered. */
  readonly inputs: Readonly<Record<string, Shape>>;
  /** Shape of the first output. */
  readonly output: Shape;
  readonly attributes: tf.NamedAttrMap;
}

/** Multiplications of a kernel that are each followed by an addition. */
type MultiplyAdds = (call: KernelCall) => number;

/** `[..., rows, columns]`: every output is a sum along the axis that the output has not. */
const matrixProduct: MultiplyAdds = ({ inputs, output }) => {
  const a = inputs["a"]!;
  return sizeOf(output) * (sizeOf(a.slice(-2)) / output.at(-2)!);
};

/** Elements of a filter for each of its outputs, which are its axis `axis`. */
const perOutput = (filter: Shape, axis: number): number => sizeOf(filter) / filter.at(axis)!;

/** A convolution, or its gradient by its input: `y` is its output, or the gradient by it. */
const convolution =
  (axis: number, y: "output" | "dy"): MultiplyAdds =>
  ({ inputs, output }) =>
    sizeOf(y === "dy" ? inputs["dy"]! : output) * perOutput(inputs["filter"]!, axis);

/** A convolution's gradient by its filter, which is the output. */
const filterGradient =
  (axis: number): MultiplyAdds =>
  ({ inputs, output }) =>
    sizeOf(inputs["dy"]!) * perOutput(output, axis);

/** Every channel has a filter of its own, `[height, width, channels, multiplier]`. */
const depthwise = (y: Shape, filter: Shape): number => sizeOf(y) * sizeOf(filter.slice(0, 2));

/** `ij,jk->ik`: one multiplication for each combination of the letters. */
const einsum: MultiplyAdds = ({ inputs, attributes: { equation } }) => {
  const [sums = ""] = typeof equation === "string" ? equation.replaceAll(" ", "").split("->") : [];
  const terms = sums.split(",");
  if (terms.length < 2) return 0;
  const lengths = terms.flatMap((term, i) =>
    Array.from(term).map((letter, axis): [string, number] => [letter, inputs[String(i)]![axis]!]),
  );
  return sizeOf([...new Map(lengths).values()]);
};

/** Scores that attention computes; when causal, chunks of queries see the keys up to their own. */
function attentionScores({ inputs, attributes }: KernelCall): number {
  const [batch, heads, queries] = inputs["q"]!;
  const keys = inputs["k"]![2]!;
  const { rows = queries, causal } = attributes;
  let seen = 0;
  for (let start = 0; start < queries!; start += Number(rows)) {
    const end = Math.min(start + Number(rows), queries!);
    seen += (end - start) * (causal === true && attributes["rows"] !== undefined ? end : keys);
  }
  return batch! * heads! * seen;
}

/** So many products of `[queries, features]` and `[features, keys]`, or of these sizes. */
const attention =
  (products: number): MultiplyAdds =>
  (call) =>
    products * attentionScores(call) * call.inputs["q"]![3]!;

const kernels: Readonly<Record<string, MultiplyAdds>> = {
  BatchMatMul: matrixProduct,
  _FusedMatMul: matrixProduct,
  Einsum: einsum,
  Conv2D: convolution(-1, "output"),
  FusedConv2D: convolution(-1, "output"),
  Conv2DBackpropInput: convolution(-1, "dy"),
  Conv2DBackpropFilter: filterGradient(-1),
  Conv3D: convolution(-1, "output"),
  Conv3DBackpropInputV2: convolution(-1, "dy"),
  Conv3DBackpropFilterV2: filterGradient(-1),
  DepthwiseConv2dNative: ({ inputs, output }) => depthwise(output, inputs["filter"]!),
  FusedDepthwiseConv2D: ({ inputs, output }) => depthwise(output, inputs["filter"]!),
  DepthwiseConv2dNativeBackpropInput: ({ inputs }) => depthwise(inputs["dy"]!, inputs["filter"]!),
  DepthwiseConv2dNativeBackpropFilter: ({ inputs, output }) => depthwise(inputs["dy"]!, output),
  SeedbedConv2d: convolution(0, "output"),
  SeedbedConv2dInputGradient: convolution(0, "dy"),
  SeedbedConv2dFilterGradient: filterGradient(0),
  SeedbedAttention: attention(2),
  SeedbedAttentionGradient: attention(4),
  SeedbedChunkedAttention: attention(2),
  // one more: the probabilities are made anew
  SeedbedChunkedAttentionGradient: attention(5),
};

/**
 * Floating-point operations of one kernel call, a multiplication and an addition being two. As
 * with PyTorch's `FlopCounterMode`, products of matrices and convolutions count (padding
 * included), and nothing else does.
 */
export function kernelFlops(kernel: string, call: KernelCall): number {
  return Object.hasOwn(kernels, kernel) ? 2 * kernels[kernel]!(call) : 0;
}
