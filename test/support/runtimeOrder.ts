import type { GraphNode, GraphValue, Program } from "../../framework/graph/graph.ts";

/**
 * A program with its nodes nearly in the order in which ONNX Runtime runs them: from the nodes that
 * nobody reads backwards, the operand that was recorded last first; a node runs after its operands.
 */
export function runtimeOrder(program: Program): Program {
  const producers = new Map<GraphValue, GraphNode>();
  for (const node of program.nodes) for (const output of node.outputs) producers.set(output, node);
  const places = new Map(program.nodes.map((node, place) => [node, place]));
  const operandsOf = (node: GraphNode): GraphNode[] => {
    const operands = node.inputs.flatMap((input) => (input && producers.get(input)) ?? []);
    return [...new Set(operands)].toSorted((a, b) => places.get(a)! - places.get(b)!);
  };
  const read = new Set(program.nodes.flatMap(operandsOf));
  const nodes = new Set<GraphNode>();
  const stack = program.nodes.filter((node) => !read.has(node));
  const begun = new Set<GraphNode>();
  for (let node = stack.at(-1); node; node = stack.at(-1)) {
    const waiting = begun.has(node) ? [] : operandsOf(node).filter((each) => !begun.has(each));
    begun.add(node);
    if (waiting.length > 0) stack.push(...waiting);
    else nodes.add(stack.pop()!);
  }
  return { ...program, nodes: [...nodes] };
}
