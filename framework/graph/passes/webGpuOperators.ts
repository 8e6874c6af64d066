import {
  withNodes,
  type Graph,
  type GraphNode,
  type GraphValue,
  type OutputInfo,
  type Program,
} from "../graph.ts";

/** Adds nodes to the graph and keeps them in the order they are needed. */
interface Rewriter {
  readonly graph: Graph;
  readonly nodes: GraphNode[];
}

/**
 * Writes operators that ONNX Runtime's WebGPU provider lacks with such that it has. It would run
 * them on the CPU, with copies to there and back.
 *
 * @param graph that the program is part of; it gets the new nodes
 */
export function useWebGpuOperators(program: Program, graph: Graph): Program {
  const nodes: GraphNode[] = [];
  for (const node of program.nodes) {
    graph.kernel = node.kernel;
    const rewrite = rewrites.get(node.op);
    nodes.push(rewrite ? rewrite({ graph, nodes }, node) : node);
  }
  return withNodes(program, nodes);
}

/** Each gives the node that computes the old one's outputs, after adding what that one needs. */
const rewrites = new Map<string, (rewriter: Rewriter, node: GraphNode) => GraphNode>([
  ["FusedMatMul", plainProduct],
  ["Sum", chainOfSums],
  ["IsNaN", differsFromItself],
]);

/** Kernels whose whole answer is which numbers are NaN; these stay with the CPU's operator. */
const askingKernels = new Set(["IsNan", "IsFinite"]);

function add(
  { graph, nodes }: Rewriter,
  op: string,
  inputs: readonly GraphValue[],
  output: OutputInfo,
  attributes: GraphNode["attributes"] = {},
): GraphValue {
  const [value] = graph.node(op, inputs, attributes, [output]);
  nodes.push(value!.node!);
  return value!;
}

/**
 * A product of matrices as `Gemm`, one of many as `Mul`, `Transpose` and `MatMul`. The factor comes
 * first: before it, the scores of an attention might be too large for half precision.
 */
function plainProduct(rewriter: Rewriter, node: GraphNode): GraphNode {
  const { transA, transB, alpha } = node.attributes;
  const [a, b] = node.inputs;
  if (!a || !b) return node;
  if (a.shape.length === 2 && b.shape.length === 2) {
    return { ...node, op: "Gemm", domain: "" };
  }
  const factor = typeof alpha === "object" && "float" in alpha ? alpha.float : 1;
  const scaled = factor === 1 ? a : scale(rewriter, a, factor);
  const inputs = [turn(rewriter, scaled, transA === 1), turn(rewriter, b, transB === 1)];
  return { ...node, op: "MatMul", domain: "", inputs, attributes: {} };
}

function scale(rewriter: Rewriter, x: GraphValue, factor: number): GraphValue {
  const number = rewriter.graph.constant("float32", Float32Array.of(factor), []);
  return add(rewriter, "Mul", [x, number], x);
}

/** Exchanges the last two axes. */
function turn(rewriter: Rewriter, x: GraphValue, wanted: boolean): GraphValue {
  if (!wanted) return x;
  const rank = x.shape.length;
  const perm = x.shape.map((_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
  const shape = perm.map((axis) => x.shape[axis]!);
  return add(rewriter, "Transpose", [x], { shape, dtype: x.dtype }, { perm });
}

/**
 * NaN is what does not equal itself. Shaders may be compiled as if there were no NaN; a kernel that
 * only passes it on then gives some number instead, as others on such a device do.
 */
function differsFromItself(rewriter: Rewriter, node: GraphNode): GraphNode {
  const [x] = node.inputs;
  if (!x || askingKernels.has(node.kernel)) return node;
  const equal = add(rewriter, "Equal", [x, x], { shape: x.shape, dtype: "bool" });
  return { ...node, op: "Not", inputs: [equal] };
}

/** `Sum` as additions one after another; TF.js gives arrays of one shape. */
function chainOfSums(rewriter: Rewriter, node: GraphNode): GraphNode {
  const [output] = node.outputs;
  const inputs = node.inputs.filter((input) => input !== undefined);
  const [first, ...others] = inputs;
  const last = others.pop();
  if (!first || !output) return node;
  if (!last) return { ...node, op: "Identity" };
  const partial = others.reduce((sum, x) => add(rewriter, "Add", [sum, x], output), first);
  return { ...node, op: "Add", inputs: [partial, last] };
}
