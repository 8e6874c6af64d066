import { describeShape } from "../base/shape.ts";

/**
 * Element types of graph values. Within a lowering only: int64 for shapes and indices that ONNX
 * wants so, float64 for functions that float32 is too coarse to compute. Within a program only: the
 * two halves of mixed precision. In graphs for text generation only: the bytes of quantized weights
 * and caches.
 */
export type GraphType =
  | "float32"
  | "int32"
  | "bool"
  | "int64"
  | "float64"
  | HalfType
  | QuantizedType;
export type HalfType = "float16" | "bfloat16";
export type QuantizedType = "int8" | "uint8";

/** Element types as ONNX numbers them (TensorProto.DataType). */
export const onnxTypes: Readonly<Record<GraphType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
};

/** Values of a constant, in the graph's own words. */
export type ConstantArray =
  | Float32Array
  | Int32Array
  | Uint8Array
  | Int8Array
  | BigInt64Array
  | Float64Array;

/** ONNX attributes: integers, floats (marked, since 1 is both), strings, and lists of them. */
export type Attribute = number | readonly number[] | string | { readonly float: number };
export type Attributes = Readonly<Record<string, Attribute>>;

/** One array that flows through a graph. */
export interface GraphValue {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: GraphType;
  /** The node that computes it; absent for inputs and constants. */
  readonly node?: GraphNode;
  readonly constant?: ConstantArray;
}

/** One ONNX operator call. */
export interface GraphNode {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly (GraphValue | undefined)[];
  readonly attributes: Attributes;
  readonly outputs: readonly GraphValue[];
  /** The TF.js kernel that asked for it, for messages. */
  readonly kernel: string;
  /** Position in the graph: inputs always come from smaller ones. */
  readonly index: number;
}

export interface OutputInfo {
  shape: readonly number[];
  dtype: GraphType;
}

/**
 * A recorded program: ONNX operators in the order they were asked for, with every shape known.
 * Only grows; what is not needed for the wanted outputs is left out when it is compiled.
 */
export class Graph {
  readonly nodes: GraphNode[] = [];
  /** Name of the kernel being lowered, noted on its nodes. */
  kernel = "";
  #nextId = 0;
  readonly #constants = new Map<string, GraphValue>();

  input(dtype: GraphType, shape: readonly number[]): GraphValue {
    return { id: this.#nextId++, dtype, shape };
  }

  /** A value known while recording. Small equal ones are one value. */
  constant(dtype: GraphType, values: ConstantArray, shape: readonly number[]): GraphValue {
    const key =
      values.length <= 16
        ? `${dtype}${describeShape(shape)}${Array.from(values, bits).join()}`
        : "";
    const known = key === "" ? undefined : this.#constants.get(key);
    if (known) return known;
    const value = { id: this.#nextId++, dtype, shape, constant: values };
    if (key !== "") this.#constants.set(key, value);
    return value;
  }

  node(
    op: string,
    inputs: readonly (GraphValue | undefined)[],
    attributes: Attributes,
    outputs: readonly OutputInfo[],
    domain = "",
  ): readonly GraphValue[] {
    const node: { -readonly [K in keyof GraphNode]: GraphNode[K] } = {
      op,
      domain,
      inputs,
      attributes,
      outputs: [],
      kernel: this.kernel,
      index: this.nodes.length,
    };
    node.outputs = outputs.map(({ shape, dtype }) => ({ id: this.#nextId++, shape, dtype, node }));
    this.nodes.push(node);
    return node.outputs;
  }
}

/** Distinguishes -0 from 0, which join() does not. */
function bits(value: number | bigint): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** The part of a graph that some outputs need, in recorded order. */
export interface Program {
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly GraphValue[];
  readonly constants: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
}

/**
 * What `outputs` need.
 *
 * @param given values to take as inputs instead of computing them
 */
export function programFor(
  outputs: readonly GraphValue[],
  given: ReadonlySet<GraphValue> = new Set(),
): Program {
  const nodes = new Set<GraphNode>();
  const inputs = new Set<GraphValue>();
  const constants = new Set<GraphValue>();
  const pending: GraphValue[] = [...outputs];
  for (let value = pending.pop(); value; value = pending.pop()) {
    if (value.constant) constants.add(value);
    else if (!value.node || given.has(value)) inputs.add(value);
    else if (!nodes.has(value.node)) {
      nodes.add(value.node);
      for (const input of value.node.inputs) if (input) pending.push(input);
    }
  }
  const byId = (a: GraphValue, b: GraphValue): number => a.id - b.id;
  return {
    nodes: [...nodes].toSorted((a, b) => a.index - b.index),
    inputs: [...inputs].toSorted(byId),
    constants: [...constants].toSorted(byId),
    outputs,
  };
}

/**
 * The program with other nodes, which compute the same outputs from the same inputs; those that
 * nothing needs are left out.
 *
 * @param nodes in an order in which they can run
 */
export function withNodes(program: Program, nodes: readonly GraphNode[]): Program {
  const needed = new Set<GraphValue>(program.outputs);
  const kept = nodes.toReversed().filter(({ inputs, outputs }) => {
    if (!outputs.some((output) => needed.has(output))) return false;
    for (const input of inputs) if (input) needed.add(input);
    return true;
  });
  const constants = [...needed].filter(({ constant }) => constant);
  return {
    ...program,
    nodes: kept.toReversed(),
    constants: constants.toSorted((a, b) => a.id - b.id),
  };
}

/** A node as text, for messages: `MatMul([2, 3], [3, 4]) of kernel BatchMatMul`. */
export function describeNode(node: GraphNode): string {
  const shapes = node.inputs.map((input) => (input ? describeShape(input.shape) : "-"));
  return `${node.op}(${shapes.join(", ")}) of kernel ${node.kernel}`;
}

/**
 * Names a program's structure: two programs with one key compute the same function of their
 * inputs, in the order of `Program.inputs`.
 */
export function structureKey({ nodes, inputs, constants, outputs }: Program): string {
  const names = new Map<GraphValue, number>();
  const parts: string[] = [];
  for (const value of inputs) {
    names.set(value, names.size);
    parts.push(`i${value.dtype}${value.shape.join()}`);
  }
  for (const value of constants) {
    names.set(value, names.size);
    parts.push(`c${value.dtype}${value.shape.join()}:${constantKey(value.constant!)}`);
  }
  for (const node of nodes) {
    const from = node.inputs.map((input) => (input ? names.get(input) : ""));
    parts.push(`${node.domain} ${node.op}(${from.join()})${attributesKey(node.attributes)}`);
    for (const output of node.outputs) names.set(output, names.size);
  }
  parts.push(`o${outputs.map((output) => names.get(output)).join()}`);
  return parts.join(";");
}

/** Equal for equal attributes in the same order. */
export function attributesKey(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}=${attributeKey(value)}`)
    .join();
}

/** Unlike JSON, tells NaN, the infinities and the two zeros apart. */
function attributeKey(value: Attribute): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return String(value);
  return "float" in value ? `${bits(value.float)}f` : `[${value.join()}]`;
}

function constantKey(values: ConstantArray): string {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return bytes.toString("base64");
}
