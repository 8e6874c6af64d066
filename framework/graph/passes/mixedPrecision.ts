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

/** Operators whose results are among their inputs' numbers, or 0, or the negatives of these. */
const movements = new Set([
  "Concat",
  "Expand",
  "Gather",
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

/**
 * Mixed precision: matrix products and convolutions, and thereby their gradients, take and give
 * numbers of half precision; reductions, norms, softmax, exponentials, losses and parameters stay in
 * float32. Each array is cast once, however many products read it. A product's result is not cast
 * again where it is only moved before the next product.
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
  /** Values whose numbers have half precision already, with the node that moved them there. */
  readonly #exact = new Map<GraphValue, GraphNode | undefined>();
  /** What products read in the place of a value. */
  readonly #read = new Map<GraphValue, GraphValue>();

  constructor(options: MixedPrecisionOptions) {
    this.#options = options;
  }

  take(node: GraphNode): void {
    this.#options.graph.kernel = node.kernel;
    if (products.has(node.op) && kernels.has(node.kernel)) return this.#takeProduct(node);
    this.nodes.push(node);
    const floats = node.inputs.filter((value) => value?.dtype === "float32");
    if (!movements.has(node.op) || !floats.every((value) => this.#isExact(value!))) return;
    for (const output of node.outputs) this.#exact.set(output, node);
  }

  #takeProduct(node: GraphNode): void {
    const { native, type } = this.#options;
    const inputs = node.inputs.map((value) => value && this.#reading(value));
    const product = this.#add(node, inputs, native ? type : "float32");
    const half = native ? product : this.#cast(product, type);
    const wide = this.#cast(half, "float32").node!;
    const [output] = node.outputs;
    this.nodes[this.nodes.length - 1] = { ...wide, outputs: [output!] };
    this.#exact.set(output!, undefined);
    if (native) this.#read.set(output!, half);
  }

  #isExact(value: GraphValue): boolean {
    return this.#exact.has(value) || (value.constant?.every(isBit) ?? false);
  }

  #reading(value: GraphValue): GraphValue {
    if (value.dtype !== "float32") return value;
    const known = this.#read.get(value);
    if (known) return known;
    const reading = this.#options.native ? this.#narrowed(value) : this.#rounded(value);
    this.#read.set(value, reading);
    return reading;
  }

  /** The value in half precision; what was moved before is moved in half precision instead. */
  #narrowed(value: GraphValue): GraphValue {
    const { type } = this.#options;
    const mover = this.#exact.get(value);
    if (!mover) return this.#cast(value, type);
    return this.#add(
      mover,
      mover.inputs.map((input) => input && this.#reading(input)),
      type,
    );
  }

  #rounded(value: GraphValue): GraphValue {
    return this.#isExact(value)
      ? value
      : this.#cast(this.#cast(value, this.#options.type), "float32");
  }

  /** A node as `like` with other inputs and another type of result. */
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
