import type { Graph, GraphNode, GraphValue, Program } from "../graph.ts";

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
  const constants = new Set(program.constants);
  for (const value of nodes.flatMap(({ inputs }) => inputs)) {
    if (value?.constant) constants.add(value);
  }
  return { ...program, nodes, constants: [...constants].toSorted((a, b) => a.id - b.id) };
}

/** Each gives the node that computes the old one's outputs, after adding what that one needs. */
const rewrites = new Map<string, (rewriter: Rewriter, node: GraphNode) => GraphNode>([
  ["FusedMatMul", plainProduct],
  ["Sum", chainOfSums],
]);

function add(
  { graph, nodes }: Rewriter,
  op: string,
  inputs: readonly GraphValue[],
  shape: readonly number[],
  attributes: GraphNode["attributes"] = {},
): GraphValue {
  const [output] = graph.node(op, inputs, attributes, [{ shape, dtype: inputs[0]!.dtype }]);
  nodes.push(output!.node!);
  return output!;
}

/** A product of matrices as `Gemm`, one of many as `Transpose`, `MatMul` and `Mul`. */
function plainProduct(rewriter: Rewriter, node: GraphNode): GraphNode {
  const { transA, transB, alpha } = node.attributes;
  const [a, b] = node.inputs;
  if (!a || !b) return node;
  if (a.shape.length === 2 && b.shape.length === 2) {
    return { ...node, op: "Gemm", domain: "" };
  }
  const factor = typeof alpha === "object" && "float" in alpha ? alpha.float : 1;
  const turned = [turn(rewriter, a, transA === 1), turn(rewriter, b, transB === 1)];
  if (factor === 1) return { ...node, op: "MatMul", domain: "", inputs: turned, attributes: {} };
  const product = add(rewriter, "MatMul", turned, node.outputs[0]!.shape);
  const scale = rewriter.graph.constant("float32", Float32Array.of(factor), []);
  return { ...node, op: "Mul", domain: "", inputs: [product, scale], attributes: {} };
}

/** Exchanges the last two axes. */
function turn(rewriter: Rewriter, x: GraphValue, wanted: boolean): GraphValue {
  if (!wanted) return x;
  const rank = x.shape.length;
  const perm = x.shape.map((_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
  const shape = perm.map((axis) => x.shape[axis]!);
  return add(rewriter, "Transpose", [x], shape, { perm });
}

/** `Sum` as additions one after another; TF.js gives arrays of one shape. */
function chainOfSums(rewriter: Rewriter, node: GraphNode): GraphNode {
  const [output] = node.outputs;
  const inputs = node.inputs.filter((input) => input !== undefined);
  const [first, ...others] = inputs;
  const last = others.pop();
  if (!first || !output) return node;
  if (!last) return { ...node, op: "Identity" };
  const partial = others.reduce((sum, x) => add(rewriter, "Add", [sum, x], output.shape), first);
  return { ...node, op: "Add", inputs: [partial, last] };
}
