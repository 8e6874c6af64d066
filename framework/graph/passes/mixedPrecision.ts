import {
  onnxTypes,
  withNodes,
  type Graph,
  type GraphNode,
  type GraphType,
  type GraphValue,
  type HalfType,
  type Program,
} from "../graph.ts";

export interface MixedPrecisionOptions {
  /** The graph that the program is part of; it gets the new nodes. */
  graph: Graph;
  /** What products take and give. */
  type: HalfType;
  /**
   * Whether products are also computed in it. Otherwise their inputs and results are rounded to it,
   * and they are computed in float32.
   */
  native: boolean;
}

/** Operators that are sums of products. All others stay in float32. */
const products = new Set(["Conv", "ConvTranspose", "Einsum", "FusedMatMul", "Gemm", "MatMul"]);

/**
 * TF.js kernels whose products are what is asked for. Others use them to pick, to reverse or to add
 * up, as the gradient of an embedding does, and that stays exact.
 */
const kernels = new Set([
  "BatchMatMul",
  "_FusedMatMul",
  "Einsum",
  "Conv2D",
  "FusedConv2D",
  "Conv2DBackpropInput",
  "Conv2DBackpropFilter",
  "DepthwiseConv2dNative",
  "FusedDepthwiseConv2D",
  "DepthwiseConv2dNativeBackpropInput",
  "DepthwiseConv2dNativeBackpropFilter",
  "Conv3D",
  "Conv3DBackpropInputV2",
  "Conv3DBackpropFilterV2",
  "SeedbedConv2d",
  "SeedbedConv2dInputGradient",
  "SeedbedConv2dFilterGradient",
  "SeedbedAttention",
  "SeedbedAttentionGradient",
  "SeedbedChunkedAttention",
  "SeedbedChunkedAttentionGradient",
]);

/**
 * Operators whose results are among their inputs' numbers, or 0, or the negatives of these, so that
 * it is all one whether the inputs are cast or the results.
 */
const movements = new Set([
  "Concat",
  "Expand",
  "Identity",
  "Neg",
  "Pad",
  "Relu",
  "ReorderInput",
  "ReorderOutput",
  "Reshape",
  "Slice",
  "Squeeze",
  "Transpose",
  "Unsqueeze",
]);

/** A `Gather` of a convolution puts together what taps see; an embedding's takes a few rows of many. */
const isMovement = ({ op, kernel }: GraphNode): boolean =>
  movements.has(op) || (op === "Gather" && kernels.has(kernel));

/**
 * Mixed precision: matrix products and convolutions, and thereby their gradients, take and give
 * numbers of half precision; reductions, norms, softmax, exponentials, losses and parameters stay in
 * float32. An array is cast once, however many products read it and however it is moved in between:
 * the filter's gradient reads a convolution's input once for each tap, by slices or by one `Gather`. A product's result is not cast
 * again before the next product.
 *
 * Source: Micikevicius et al. 2018, arXiv:1710.03740, section 3; the list of operators is that of
 * PyTorch's autocast.
 *
 * @returns a program with the same inputs and outputs, which are still float32
 */
export function useMixedPrecision(program: Program, options: MixedPrecisionOptions): Program {
  const rewriter = new Rewriter(options);
  for (const node of program.nodes) rewriter.take(node);
  return withNodes(program, rewriter.nodes);
}

class Rewriter {
  readonly nodes: GraphNode[] = [];
  readonly #options: MixedPrecisionOptions;
  /** What products read in the place of a value. */
  readonly #readings = new Map<GraphValue, GraphValue>();
  readonly #movers = new Map<GraphValue, GraphNode>();

  constructor(options: MixedPrecisionOptions) {
    this.#options = options;
  }

  take(node: GraphNode): void {
    this.#options.graph.kernel = node.kernel;
    if (products.has(node.op) && kernels.has(node.kernel)) return this.#takeProduct(node);
    this.nodes.push(node);
    if (isMovement(node)) this.#movers.set(node.outputs[0]!, node);
  }

  #takeProduct(node: GraphNode): void {
    const { native, type } = this.#options;
    const inputs = node.inputs.map((value) => value && this.#reading(value));
    const product = this.#add(node, inputs, native ? type : "float32");
    const half = native ? product : this.#cast(product, type);
    const wide = this.#cast(half, "float32").node!;
    const [output] = node.outputs;
    this.nodes[this.nodes.length - 1] = { ...wide, outputs: [output!] };
    this.#readings.set(output!, native ? half : output!);
  }

  #reading(value: GraphValue): GraphValue {
    if (value.dtype !== "float32") return value;
    const known = this.#readings.get(value);
    if (known) return known;
    const mover = this.#movers.get(value);
    const reading = mover ? this.#moved(value, mover) : this.#narrowed(value);
    this.#readings.set(value, reading);
    return reading;
  }

  /** What was moved in float32, moved in half precision. */
  #moved(value: GraphValue, mover: GraphNode): GraphValue {
    const { native, type } = this.#options;
    const inputs = mover.inputs.map((input) => input && this.#reading(input));
    const same = inputs.every((input, i) => input === mover.inputs[i]);
    return same ? value : this.#add(mover, inputs, native ? type : "float32");
  }

  #narrowed(value: GraphValue): GraphValue {
    const { native, type } = this.#options;
    if (native) return this.#cast(value, type);
    return value.constant?.every(isBit) ? value : this.#cast(this.#cast(value, type), "float32");
  }

  /** A node like another one, with other inputs and another type of result. */
  #add(
    { op, attributes, outputs, domain }: GraphNode,
    inputs: GraphNode["inputs"],
    dtype: GraphType,
  ): GraphValue {
    const output = { shape: outputs[0]!.shape, dtype };
    const [value] = this.#options.graph.node(op, inputs, attributes, [output], domain);
    this.nodes.push(value!.node!);
    return value!;
  }

  #cast(value: GraphValue, dtype: GraphType): GraphValue {
    const output = { shape: value.shape, dtype };
    const attributes = { to: onnxTypes[dtype] };
    const [result] = this.#options.graph.node("Cast", [value], attributes, [output]);
    this.nodes.push(result!.node!);
    return result!;
  }
}

/** Numbers of constants that only pick and fill. */
const isBit = (value: number | bigint): boolean => value === 0 || value === 1;
