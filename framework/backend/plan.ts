import { sizeOf } from "../base/shape.ts";
import { elementwiseOperators } from "../graph/elementwise.ts";
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

/**
 * Kernels that updates begin with: these run in a program of their own, after all gradients, which
 * is less to hold than what an optimizer makes of them.
 */
const updateKernels = new Set(["SeedbedAdamW", "SeedbedLion", "SeedbedScaledGradient"]);

/**
 * Divides a recorded function so that its states can be updated in place.
 *
 * A state's array may be overwritten while a program runs only if every node that reads the old
 * value has run before the node that writes the new one. ONNX Runtime promises no order but that
 * of dependence, so every reader must be an ancestor of the writer, or the writer itself. It also
 * makes one node of several, drops nodes that change nothing and lets views share memory, so what
 * was made of the old value counts like the value itself, and all of it must work element by
 * element. Optimizer updates read gradients alone, so in a program of their own the proof
 * succeeds; where it does not, the state gets two arrays that take turns.
 *
 * @param conditional whether an output of the first program may say that states keep their values:
 *   then the second is not run, so that it must compute no output, and the first overwrites none
 */
export function planPrograms(
  outputs: readonly GraphValue[],
  changes: readonly StateChange[],
  conditional = false,
): Plan {
  const whole = programFor([...outputs, ...changes.map(({ after }) => after)]);
  const late = lateNodes(whole, changes);
  if (conditional && outputs.some(({ node }) => node && late.has(node))) late.clear();
  const isLate = (value: GraphValue): boolean => value.node !== undefined && late.has(value.node);
  const boundary = boundaryOf(whole, late);
  const wanted = [...new Set([...outputs, ...changes.map(({ after }) => after)])];
  const early = wanted.filter((value) => !isLate(value));
  const first = programFor([...new Set([...early, ...boundary])]);
  const second = programFor(wanted.filter(isLate), new Set(boundary));
  const programs = late.size > 0 ? [first, second] : [first];
  const uses = programs.map(usesOf);
  const states = changes.map((change) => {
    const program = isLate(change.after) ? 1 : 0;
    const readLater = program === 0 && late.size > 0 && isRead(uses[1]!, change.before);
    const decided = !conditional || program === 1;
    const safe = decided && !readLater && canOverwrite(uses[program]!, change, outputs, changes);
    return { program, placement: safe ? ("inPlace" as const) : ("alternate" as const) };
  });
  return { programs, boundary, states };
}

/**
 * Update kernels, last steps that write over a state they read, all that depends on these, and
 * what is computed for these alone where that leaves no more to be held between the programs.
 */
function lateNodes({ nodes, outputs }: Program, changes: readonly StateChange[]): Set<GraphNode> {
  const late = new Set<GraphNode>();
  for (const change of changes) {
    const { node } = change.after;
    if (node && writesOver(change)) late.add(node);
  }
  for (const node of nodes) {
    if (
      updateKernels.has(node.kernel) ||
      node.inputs.some((input) => input?.node && late.has(input.node))
    ) {
      late.add(node);
    }
  }
  const unpacking = unpackingNodes(nodes, changes);
  const wanted = new Set(outputs);
  const readEarly = new Set<GraphNode>();
  for (const node of nodes.toReversed()) {
    const free = !readEarly.has(node) && !node.outputs.some((output) => wanted.has(output));
    if (free && (isCheap(node) || (unpacking.has(node) && !shrinks(node)))) late.add(node);
    if (late.has(node)) continue;
    for (const input of node.inputs) if (input?.node) readEarly.add(input.node);
  }
  return late;
}

/** True when moving the node between programs does not make more values pass between them. */
function isCheap(node: GraphNode): boolean {
  const computed = new Set(node.inputs.filter((input) => input?.node));
  return elementwiseOperators.has(node.op) && computed.size <= 1;
}

/** Whether the state's last step is from each old element to the new one. */
function writesOver({ before, after: { node } }: StateChange): boolean {
  if (!node || !before) return false;
  return elementwiseOperators.has(node.op) && node.inputs.includes(before);
}

/** Nodes that need nothing but states that are made anew, such as packed moments being unpacked. */
function unpackingNodes(
  nodes: readonly GraphNode[],
  changes: readonly StateChange[],
): Set<GraphNode> {
  const states = new Set(
    changes.filter((change) => !writesOver(change)).map(({ before }) => before),
  );
  const found = new Set<GraphNode>();
  const isKnown = (value: GraphValue | undefined): boolean =>
    !value || value.constant !== undefined || states.has(value) || isFound(value);
  const isFound = ({ node }: GraphValue): boolean => node !== undefined && found.has(node);
  for (const node of nodes) if (node.inputs.every(isKnown)) found.add(node);
  return found;
}

/** True when less is to be held once the node was run. */
function shrinks({ inputs, outputs }: GraphNode): boolean {
  const largest = (values: readonly (GraphValue | undefined)[]): number =>
    Math.max(0, ...values.map((value) => (value ? sizeOf(value.shape) : 0)));
  return largest(outputs) < largest(inputs);
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

/** A program, and who reads what in it. */
interface Uses {
  outputs: ReadonlySet<GraphValue>;
  nodes: ReadonlySet<GraphNode>;
  readers: ReadonlyMap<GraphValue, readonly GraphNode[]>;
}

function usesOf({ nodes, outputs }: Program): Uses {
  const readers = new Map<GraphValue, GraphNode[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      if (!input) continue;
      const known = readers.get(input);
      if (known) known.push(node);
      else readers.set(input, [node]);
    }
  }
  return { outputs: new Set(outputs), nodes: new Set(nodes), readers };
}

function isRead({ outputs, readers }: Uses, value: GraphValue | undefined): boolean {
  return value !== undefined && (outputs.has(value) || readers.has(value));
}

function canOverwrite(
  uses: Uses,
  { before, after }: StateChange,
  outputs: readonly GraphValue[],
  changes: readonly StateChange[],
): boolean {
  if (!before) return true; // nobody reads the old value
  const writer = after.node;
  if (!writer) return false;
  const shared = changes.filter((change) => change.after === after).length > 1;
  if (shared || outputs.includes(after) || uses.outputs.has(before)) return false;
  const ancestors = ancestorsOf(writer, uses);
  const made = new Set([before]); // grows while it is walked
  for (const value of made) {
    for (const node of uses.readers.get(value) ?? []) {
      if (!elementwiseOperators.has(node.op)) return false;
      if (node === writer) continue;
      if (!ancestors.has(node)) return false;
      for (const output of node.outputs) made.add(output);
    }
  }
  return true;
}

/** Nodes of the same program that `node` depends on. */
function ancestorsOf(node: GraphNode, { nodes }: Uses): Set<GraphNode> {
  const found = new Set<GraphNode>();
  const pending = [node];
  for (let next = pending.pop(); next; next = pending.pop()) {
    for (const input of next.inputs) {
      const parent = input?.node;
      if (!parent || found.has(parent) || !nodes.has(parent)) continue;
      found.add(parent);
      pending.push(parent);
    }
  }
  return found;
}
