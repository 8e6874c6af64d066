import { sameShape, sizeOf } from "../../base/shape.ts";
import { elementwiseOperators } from "../elementwise.ts";
import {
  attributesKey,
  programFor,
  type Graph,
  type GraphNode,
  type GraphValue,
  type Program,
} from "../graph.ts";
import { laneRecipe, type LaneRecipe } from "../laneRecipe.ts";

/**
 * The same elementwise work on many arrays, such as the update of every parameter. The arrays of
 * one role (all gradients, all first moments) shall lie one after another in memory, as
 * {@link laneOffsets} says: then pieces of that memory are what the work is done on.
 */
export interface LaneGroup {
  /** Elements of each member's arrays. */
  readonly sizes: readonly number[];
  /** For each role the members' values, as the program before the fusion knew them. */
  readonly operands: readonly (readonly GraphValue[])[];
  /** What the program does on stretches of that memory; none where there is a recipe. */
  readonly pieces: readonly LanePiece[];
  /** What is to be done on the whole memory after the program, which computes the scalars. */
  readonly recipe?: LaneRecipe;
}

/** A stretch of the memory of every operand. */
export interface LanePiece {
  readonly start: number;
  readonly length: number;
  readonly inputs: readonly GraphValue[];
  /** What is written over the stretch of an operand; undefined where it is only read. */
  readonly outputs: readonly (GraphValue | undefined)[];
}

export interface FusedLanes {
  /** The program with pieces in place of arrays. */
  readonly program: Program;
  readonly groups: readonly LaneGroup[];
}

export interface FuseLanesOptions {
  /** The graph that the program is part of; it gets the new nodes. */
  graph: Graph;
  /** Values that the program is given and does not compute. */
  given: ReadonlySet<GraphValue>;
  /** Inputs whose memory may be chosen. */
  movable: ReadonlySet<GraphValue>;
  /** Outputs that are written over an input, with that input. */
  overwritten: ReadonlyMap<GraphValue, GraphValue>;
  /** Inputs that are not in memory: what changes them reads other arrays wherever these are. */
  filed?: ReadonlySet<GraphValue>;
  /**
   * Whether a group is to become a recipe, by the values of each role. Default: none is.
   */
  compiles?: (operands: LaneGroup["operands"]) => boolean;
  /** Elements of a piece: what a step needs of it should stay in a core's cache. */
  pieceLength?: number;
}

/** Members start at multiples of so many elements: 64 bytes, a line of the cache. */
export const laneAlignment = 16;

/** Where each member's elements start, and how many elements there are in all. */
export function laneOffsets(sizes: readonly number[]): { offsets: number[]; length: number } {
  let length = 0;
  const offsets = sizes.map((size) => {
    const offset = length;
    length += Math.ceil(size / laneAlignment) * laneAlignment;
    return offset;
  });
  return { offsets, length };
}

/**
 * Horizontal fusion: finds arrays that go through the same elementwise nodes, each with its own
 * operands and all with the same scalars, and does the work on pieces of their joint memory.
 * Hundreds of small nodes become a few of a good size, and large arrays stay in the cache from
 * the first node to the last.
 *
 * Left alone is what reads an array that may not move, or whose results are used elsewhere.
 */
export function fuseLanes(program: Program, options: FuseLanesOptions): FusedLanes {
  const byKey = new Map<string, Lane[]>();
  const readers = readersOf(program);
  for (const nodes of components(program)) {
    const lane = readLane(nodes, readers, program, options);
    if (!lane) continue;
    const alike = byKey.get(lane.key);
    if (alike) alike.push(lane);
    else byKey.set(lane.key, [lane]);
  }
  const groups = [...byKey.values()].flatMap((lanes) => fuse(lanes, options));
  const replaced = new Set(
    [...byKey.values()].flat().flatMap(({ results }) => [...results.keys()]),
  );
  const pieces = groups.flatMap((group) => group.pieces);
  const written = pieces.flatMap(({ outputs }) => outputs.filter((value) => value !== undefined));
  const scalars = groups.flatMap(({ recipe }) => recipe?.scalars ?? []);
  const kept = program.outputs.filter((value) => !replaced.has(value));
  const outputs = [...new Set([...kept, ...written, ...scalars])];
  return { program: groups.length > 0 ? programFor(outputs, options.given) : program, groups };
}

/** Connected elementwise nodes on arrays of one shape. */
interface Lane {
  /** Equal for lanes that do the same. */
  readonly key: string;
  readonly nodes: readonly GraphNode[];
  readonly operands: readonly GraphValue[];
  /** Outputs, each with the operand that it overwrites. */
  readonly results: ReadonlyMap<GraphValue, number>;
}

const isArray = ({ shape }: GraphValue): boolean => sizeOf(shape) > 1;

function isLaneNode({ op, inputs, outputs }: GraphNode): boolean {
  const [output, ...more] = outputs;
  if (!output || more.length > 0 || !isArray(output)) return false;
  return (
    elementwiseOperators.has(op) &&
    [output, ...inputs].every(
      (value) =>
        value?.dtype === "float32" && (!isArray(value) || sameShape(value.shape, output.shape)),
    )
  );
}

/** Nodes of `program` that share arrays, in its order. */
function components({ nodes }: Program): GraphNode[][] {
  const found = new Map<GraphNode, GraphNode[]>();
  const first = new Map<GraphValue, GraphNode>();
  for (const node of nodes.filter(isLaneNode)) {
    let members = [node];
    found.set(node, members);
    for (const value of [...node.inputs, ...node.outputs]) {
      if (!value || !isArray(value)) continue;
      const neighbour = found.get(first.get(value) ?? node)!;
      if (!first.has(value)) first.set(value, node);
      if (neighbour === members) continue;
      const [kept, joined] =
        neighbour.length < members.length ? [members, neighbour] : [neighbour, members];
      for (const each of joined) {
        kept.push(each);
        found.set(each, kept);
      }
      members = kept;
    }
  }
  return [...new Set(found.values())].map((each) => each.toSorted((a, b) => a.index - b.index));
}

function readLane(
  nodes: readonly GraphNode[],
  readers: ReturnType<typeof readersOf>,
  program: Program,
  { movable, overwritten, given, filed }: FuseLanesOptions,
): Lane | undefined {
  const inside = new Set(nodes);
  const hasFiled = nodes.some(({ inputs }) => inputs.some((value) => value && filed?.has(value)));
  const isUsable = (value: GraphValue): boolean =>
    movable.has(value) || (hasFiled && (given.has(value) || !value.node) && !value.constant);
  const names = new Map<GraphValue, string>();
  const operands: GraphValue[] = [];
  const parts: string[] = [];
  for (const node of nodes) {
    const from: string[] = [];
    for (const value of node.inputs) {
      if (!value) return undefined;
      if (isArray(value) && !names.has(value)) {
        if (!isUsable(value)) return undefined;
        names.set(value, `operand${operands.length}`);
        operands.push(value);
      }
      const name = names.get(value) ?? scalarKey(value);
      if (name === undefined) return undefined;
      from.push(name);
    }
    parts.push(`${node.domain} ${node.op}(${from.join()})${attributesKey(node.attributes)}`);
    names.set(node.outputs[0]!, `node${names.size}`);
  }
  for (const value of names.keys()) {
    if (readers.get(value)?.some((node) => !inside.has(node))) return undefined;
  }
  const results = new Map<GraphValue, number>();
  for (const value of program.outputs) {
    if (!names.has(value)) continue;
    const target = overwritten.get(value);
    const operand = target ? operands.indexOf(target) : -1;
    if (operand < 0 || [...results.values()].includes(operand)) return undefined;
    results.set(value, operand);
  }
  const written = Array.from(results, ([value, operand]) => `${names.get(value)}>${operand}`);
  return { key: [...parts, ...written].join(";"), nodes, operands, results };
}

/** The nodes that read each array. */
function readersOf({ nodes }: Program): ReadonlyMap<GraphValue, readonly GraphNode[]> {
  const readers = new Map<GraphValue, GraphNode[]>();
  for (const node of nodes) {
    for (const value of node.inputs) {
      if (!value || !isArray(value)) continue;
      const known = readers.get(value);
      if (known) known.push(node);
      else readers.set(value, [node]);
    }
  }
  return readers;
}

/** The number itself, below reshapes that only give it more axes. */
function scalarOf(value: GraphValue): GraphValue {
  const [input] = value.node?.op === "Reshape" ? value.node.inputs : [];
  return input ? scalarOf(input) : value;
}

/**
 * Equal for scalars that are computed alike, since each member may have computed its own; undefined
 * for those whose axes would give a piece more axes.
 */
function scalarKey(value: GraphValue): string | undefined {
  const scalar = scalarOf(value);
  return scalar.constant || scalar.shape.length <= 1 ? expressionKey(scalar) : undefined;
}

function expressionKey(value: GraphValue): string {
  const { id, constant, node } = scalarOf(value);
  if (constant) return `constant ${Object.is(constant[0], -0) ? "-0" : String(constant[0])}`;
  const elementwise = node && elementwiseOperators.has(node.op);
  if (!elementwise || node.inputs.some((input) => !input || isArray(input))) return `value ${id}`;
  const from = node.inputs.map((input) => expressionKey(input!));
  return `${node.op}(${from.join()})${attributesKey(node.attributes)}`;
}

/** Bytes of a group's memory, all roles together, up to which WebAssembly is sure to have it. */
const mostBytes = 2 ** 31;

function fuse(lanes: readonly Lane[], options: FuseLanesOptions): LaneGroup[] {
  const { nodes, operands, results } = lanes[0]!;
  const recipe = laneRecipe(nodes, operands, results, scalarOf);
  const roles = rolesOf(lanes);
  if (recipe && roles.flat().some((value) => options.filed?.has(value))) {
    return [{ sizes: sizesOf(lanes), operands: roles, pieces: [], recipe }];
  }
  if (!recipe || !options.compiles?.(roles)) return [inPieces(lanes, options)];
  return batches(lanes, mostBytes / 4 / operands.length).map((batch) => {
    return { sizes: sizesOf(batch), operands: rolesOf(batch), pieces: [], recipe };
  });
}

function sizesOf(lanes: readonly Lane[]): number[] {
  return lanes.map(({ operands }) => sizeOf(operands[0]!.shape));
}

function rolesOf(lanes: readonly Lane[]): GraphValue[][] {
  return lanes[0]!.operands.map((_, role) => lanes.map((lane) => lane.operands[role]!));
}

/** Lanes that follow each other, at most so many elements together unless one alone has more. */
function batches(lanes: readonly Lane[], elements: number): Lane[][] {
  const found: Lane[][] = [];
  for (const lane of lanes) {
    const last = found.at(-1);
    if (last && laneOffsets(sizesOf([...last, lane])).length <= elements) last.push(lane);
    else found.push([lane]);
  }
  return found;
}

function inPieces(
  lanes: readonly Lane[],
  { graph, pieceLength = 524_288 }: FuseLanesOptions,
): LaneGroup {
  const sizes = sizesOf(lanes);
  const { length } = laneOffsets(sizes);
  const pieces: LanePiece[] = [];
  for (let start = 0; start < length; start += pieceLength) {
    pieces.push({ start, ...pieceOf(lanes[0]!, graph, Math.min(pieceLength, length - start)) });
  }
  return { sizes, operands: rolesOf(lanes), pieces };
}

/** The template's nodes on a stretch of its operands. */
function pieceOf(
  { nodes, operands, results }: Lane,
  graph: Graph,
  length: number,
): Omit<LanePiece, "start"> {
  const inputs = operands.map(({ dtype }) => graph.input(dtype, [length]));
  const made = new Map(operands.map((operand, role) => [operand, inputs[role]!]));
  const scalar = (value: GraphValue): GraphValue => {
    const { constant, dtype } = scalarOf(value);
    return constant ? graph.constant(dtype, constant, []) : scalarOf(value);
  };
  for (const { op, domain, attributes, kernel, inputs: from, outputs } of nodes) {
    graph.kernel = kernel;
    const given = from.map((value) => value && (made.get(value) ?? scalar(value)));
    const output = { shape: [length], dtype: outputs[0]!.dtype };
    made.set(outputs[0]!, graph.node(op, given, attributes, [output], domain)[0]!);
  }
  const outputs = operands.map((_, role) => {
    const result = [...results].find(([, operand]) => operand === role)?.[0];
    return result && made.get(result);
  });
  return { length, inputs, outputs };
}
