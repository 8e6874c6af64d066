import { withNodes, type Graph, type GraphValue, type Program } from "../graph.ts";

/** A program whose inputs and outputs are those of another, some in another shape. */
export interface ViewedProgram {
  readonly program: Program;
  /** Which input of the other program each input is. Its outputs have the other's order. */
  readonly inputs: readonly GraphValue[];
}

/**
 * Leaves out reshapes of inputs, and those that make outputs: the same memory is handed over in
 * another shape. ONNX Runtime would copy it, since the memory of inputs and outputs is not its own.
 *
 * @param graph that the program is part of; it gets the new inputs
 */
export function viewsAtTheBorder(program: Program, graph: Graph): ViewedProgram {
  const sources = new Map(program.inputs.map((input) => [input, input]));
  const views = new Map<GraphValue, GraphValue>();
  for (const { op, inputs, outputs } of program.nodes) {
    const source = op === "Reshape" ? sources.get(inputs[0]!) : undefined;
    const [reshaped] = outputs;
    if (!source || program.outputs.includes(reshaped!)) continue;
    sources.set(reshaped!, source);
    views.set(reshaped!, graph.input(source.dtype, reshaped!.shape));
  }
  for (const [reshaped, view] of views) sources.set(view, sources.get(reshaped)!);
  const outputs = unshapedOutputs(program, sources);
  const nodes = program.nodes.map((node) => {
    const inputs = node.inputs.map((value) => value && (views.get(value) ?? value));
    return { ...node, inputs };
  });
  const needed = withNodes({ ...program, outputs }, nodes);
  const read = new Set(needed.nodes.flatMap((node) => node.inputs));
  const given = [...program.inputs, ...views.values()].filter(
    (value) => read.has(value) || outputs.includes(value),
  );
  return {
    program: { ...needed, inputs: given },
    inputs: given.map((value) => sources.get(value)!),
  };
}

/** What is reshaped into each output, unless that is an input, a constant or another output. */
function unshapedOutputs(
  { outputs }: Program,
  inputs: ReadonlyMap<GraphValue, GraphValue>,
): GraphValue[] {
  const taken = new Set(outputs);
  return outputs.map((output) => {
    let value = output;
    while (value.node?.op === "Reshape" && !inputs.has(value)) value = value.node.inputs[0]!;
    if (!value.node || inputs.has(value) || taken.has(value)) return output;
    taken.add(value);
    return value;
  });
}
