import { programFor, type GraphNode, type GraphValue, type Program } from "../graph/graph.ts";

/** A variable that a compiled function assigns: the value it had and the value it gets. */
export interface StateChange {
  before: GraphValue | undefined;
  after: GraphValue;
}

/** Where a state's new value goes: over the old one, or into a second array that takes turns. */
export type Placement = "inPlace" | "alternate";

export interface Plan {
  /** Forward and backward, then the updates; the second may be absent. */
  programs: readonly Program[];
  /** Values that the first program leaves for the second. */
  boundary: readonly GraphValue[];
  /** For each state change: which program makes it, and where it is put. */
  states: readonly { program: number; placement: Placement }[];
}

/** Kernels that overwrite parameters: they run in a program of their own, after all gradients. */
const updateKernels = new Set(["SeedbedAdamW"]);

/** Operators that read element i of an equally shaped input no later than they write element i. */
const elementwise = new Set([
  "Abs",
  "Add",
  "Div",
  "Exp",
  "Identity",
  "Max",
  "Min",
  "Mul",
  "Neg",
  "Sqrt",
  "Sub",
  "Where",
]);

/**
 * Divides a recorded function so that its states can be updated in place.
 *
 * A state's array may be overwritten while a program runs only if every node that reads the old
 * value has run before the node that writes the new one. ONNX Runtime promises no order but that
 * of dependence, so: every reader must be an ancestor of the writer, or the writer itself if it
 * works element by element. Optimizer updates read gradients alone, so in a program of their own
 * the proof succeeds; where it does not, the state gets two arrays that take turns.
 */
export function planPrograms(
  outputs: readonly GraphValue[],
  changes: readonly StateChange[],
): Plan {
  const whole = programFor([...outputs, ...changes.map(({ after }) => after)]);
  const late = lateNodes(whole, changes);
  const isLate = (value: GraphValue): boolean => value.node !== undefined && late.has(value.node);
  const boundary = boundaryOf(whole, late);
  const wanted = [...new Set([...outputs, ...changes.map(({ after }) => after)])];
  const early = wanted.filter((value) => !isLate(value));
  const first = programFor([...new Set([...early, ...boundary])]);
  const second = programFor(wanted.filter(isLate), new Set(boundary));
  const programs = late.size > 0 ? [first, second] : [first];
  const states = changes.map((change) => {
    const program = isLate(change.after) ? 1 : 0;
    const readLater = program === 0 && late.size > 0 && reads(second, change.before);
    const safe = !readLater && canOverwrite(programs[program]!, change, outputs, changes);
    return { program, placement: safe ? ("inPlace" as const) : ("alternate" as const) };
  });
  return { programs, boundary, states };
}

/** Update kernels, last steps that write over a state they read, and all that depends on these. */
function lateNodes({ nodes }: Program, changes: readonly StateChange[]): Set<GraphNode> {
  const late = new Set<GraphNode>();
  for (const { before, after } of changes) {
    const { node } = after;
    if (node && before && elementwise.has(node.op) && node.inputs.includes(before)) late.add(node);
  }
  for (const node of nodes) {
    if (
      updateKernels.has(node.kernel) ||
      node.inputs.some((input) => input?.node && late.has(input.node))
    ) {
      late.add(node);
    }
  }
  return late;
}

/** Values that late nodes read and early nodes compute. */
function boundaryOf({ nodes }: Program, late: ReadonlySet<GraphNode>): GraphValue[] {
  const boundary = new Set<GraphValue>();
  for (const node of nodes) {
    if (!late.has(node)) continue;
    for (const input of node.inputs) {
      if (input?.node && !late.has(input.node)) boundary.add(input);
    }
  }
  return [...boundary];
}

function reads({ nodes, outputs }: Program, value: GraphValue | undefined): boolean {
  return (
    value !== undefined &&
    (outputs.includes(value) || nodes.some((node) => node.inputs.includes(value)))
  );
}

function canOverwrite(
  program: Program,
  { before, after }: StateChange,
  outputs: readonly GraphValue[],
  changes: readonly StateChange[],
): boolean {
  if (!before) return true; // nobody reads the old value
  const writer = after.node;
  if (!writer) return false;
  const shared = changes.filter((change) => change.after === after).length > 1;
  if (shared || outputs.includes(after) || program.outputs.includes(before)) return false;
  const readers = program.nodes.filter((node) => node.inputs.includes(before));
  if (readers.includes(writer) && !elementwise.has(writer.op)) return false;
  const others = readers.filter((reader) => reader !== writer);
  if (others.length === 0) return true;
  const ancestors = ancestorsOf(writer, Math.min(...others.map(({ index }) => index)));
  return others.every((reader) => ancestors.has(reader));
}

/** Nodes that `node` depends on, down to recorded position `from`. */
function ancestorsOf(node: GraphNode, from: number): Set<GraphNode> {
  const found = new Set<GraphNode>();
  const pending = [node];
  for (let next = pending.pop(); next; next = pending.pop()) {
    for (const input of next.inputs) {
      const parent = input?.node;
      if (!parent || parent.index < from || found.has(parent)) continue;
      found.add(parent);
      pending.push(parent);
    }
  }
  return found;
}
