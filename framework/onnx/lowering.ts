import { describeShape, sizeOf } from "../base/shape.ts";
import {
  onnxTypes,
  type Attributes,
  type Graph,
  type GraphType,
  type GraphValue,
  type OutputInfo,
} from "../graph/graph.ts";
import type { ChooseForm } from "./forms.ts";

/** Inputs of a kernel by the names TF.js gives them; kernels that take a list have `0`, `1`, … */
export type KernelInputs = Readonly<Record<string, GraphValue>>;

/**
 * Rewrites one TF.js kernel call as ONNX nodes. Returns the kernel's outputs, or undefined when
 * it cannot express this call, which then runs on the CPU kernel.
 */
export type Lowering<A = object> = (
  builder: GraphBuilder,
  inputs: KernelInputs,
  attributes: A,
) => GraphValue | readonly GraphValue[] | undefined;

const microsoft = "com.microsoft";

export interface MatMulOptions {
  transposeA?: boolean;
  transposeB?: boolean;
  /** Factor on the product. */
  alpha?: number;
}

/** What the graph will run on, as far as that decides between forms that compute the same. */
export interface Target {
  /** Not the processor: operators that ONNX Runtime has for the processor alone cost copies. */
  readonly isDevice?: boolean;
  /**
   * Channels that lie side by side in the blocked layout of the runtime's convolutions; absent
   * where it is not to be used.
   */
  readonly channelBlock?: number | undefined;
  /** Whether to keep to ONNX's own operators: the graph is to leave this process. */
  readonly isPortable?: boolean;
  /** Absent where the usual forms are to be taken. */
  readonly chooseForm?: ChooseForm | undefined;
}

/** The calls that lowerings are written with: each adds nodes and knows the shape that results. */
export class GraphBuilder {
  readonly graph: Graph;
  readonly target: Target;

  constructor(graph: Graph, target: Target = {}) {
    this.graph = graph;
    this.target = target;
  }

  /** Any operator with one output. */
  node(
    op: string,
    inputs: readonly (GraphValue | undefined)[],
    output: OutputInfo,
    attributes: Attributes = {},
    domain = "",
  ): GraphValue {
    return this.graph.node(op, inputs, attributes, [output], domain)[0]!;
  }

  scalar(value: number, dtype: GraphType = "float32"): GraphValue {
    const values =
      dtype === "float32"
        ? Float32Array.of(value)
        : dtype === "int32"
          ? Int32Array.of(value)
          : dtype === "bool"
            ? Uint8Array.of(value)
            : dtype === "float64"
              ? Float64Array.of(value)
              : BigInt64Array.of(BigInt(value));
    return this.graph.constant(dtype, values, []);
  }

  /** A list of int64, as ONNX wants shapes, axes and indices. */
  integers(values: readonly number[]): GraphValue {
    return this.graph.constant("int64", BigInt64Array.from(values, BigInt), [values.length]);
  }

  /** An operator that works element by element on one input. */
  unary(op: string, x: GraphValue, attributes: Attributes = {}, domain = ""): GraphValue {
    return this.node(op, [x], x, attributes, domain);
  }

  /** An operator that works element by element on two inputs, which broadcast. */
  binary(op: string, a: GraphValue, b: GraphValue, dtype: GraphType = a.dtype): GraphValue {
    const inputs = [this.#spread(a, b), this.#spread(b, a)];
    return this.node(op, inputs, { shape: broadcastShape(a.shape, b.shape), dtype });
  }

  /**
   * A lone number beside an array whose last axes have length 1, such as the filter of a 1 x 1
   * convolution, gets as many axes: ONNX Runtime would otherwise take the array number by number.
   */
  #spread(x: GraphValue, beside: GraphValue): GraphValue {
    const isSlow = sizeOf(x.shape) === 1 && beside.shape.at(-1) === 1 && sizeOf(beside.shape) > 1;
    if (!isSlow || x.shape.length >= beside.shape.length) return x;
    const shape = beside.shape.map(() => 1);
    return x.constant ? this.graph.constant(x.dtype, x.constant, shape) : this.reshape(x, shape);
  }

  add(a: GraphValue, b: GraphValue): GraphValue {
    return this.binary("Add", a, b);
  }

  sub(a: GraphValue, b: GraphValue): GraphValue {
    return this.binary("Sub", a, b);
  }

  mul(a: GraphValue, b: GraphValue): GraphValue {
    return this.binary("Mul", a, b);
  }

  div(a: GraphValue, b: GraphValue): GraphValue {
    return this.binary("Div", a, b);
  }

  cast(x: GraphValue, dtype: GraphType): GraphValue {
    if (x.dtype === dtype) return x;
    return this.node("Cast", [x], { shape: x.shape, dtype }, { to: onnxTypes[dtype] });
  }

  reshape(x: GraphValue, shape: readonly number[]): GraphValue {
    if (shape.length === x.shape.length && shape.every((n, i) => n === x.shape[i])) return x;
    return this.node("Reshape", [x, this.integers(shape)], { shape, dtype: x.dtype });
  }

  transpose(x: GraphValue, permutation: readonly number[]): GraphValue {
    if (permutation.every((axis, i) => axis === i)) return x;
    const shape = permutation.map((axis) => x.shape[axis]!);
    return this.node("Transpose", [x], { shape, dtype: x.dtype }, { perm: permutation });
  }

  /** A reduction such as ReduceSum over `axes`. */
  reduce(op: string, x: GraphValue, axes: readonly number[], keepDims = false): GraphValue {
    if (axes.length === 0) return x;
    const shape = keepDims
      ? x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
      : x.shape.filter((_, axis) => !axes.includes(axis));
    const attributes = { keepdims: keepDims ? 1 : 0 };
    return this.node(op, [x, this.integers(axes)], { shape, dtype: x.dtype }, attributes);
  }

  sum(x: GraphValue, axes: readonly number[], keepDims = false): GraphValue {
    return this.reduce("ReduceSum", x, axes, keepDims);
  }

  mean(x: GraphValue, axes: readonly number[], keepDims = false): GraphValue {
    return this.reduce("ReduceMean", x, axes, keepDims);
  }

  /** Batched matrix product; a transpose costs nothing. `alpha` multiplies the result. */
  matMul(
    a: GraphValue,
    b: GraphValue,
    { transposeA = false, transposeB = false, alpha = 1 }: MatMulOptions = {},
  ): GraphValue {
    const rows = a.shape.at(transposeA ? -1 : -2)!;
    const columns = b.shape.at(transposeB ? -2 : -1)!;
    const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const output = { shape: [...batch, rows, columns], dtype: a.dtype };
    if (!transposeA && !transposeB && alpha === 1) return this.node("MatMul", [a, b], output);
    if (this.target.isPortable) {
      const inputs = [transposeA ? this.#turned(a) : a, transposeB ? this.#turned(b) : b];
      const product = this.node("MatMul", inputs, output);
      return alpha === 1 ? product : this.mul(product, this.scalar(alpha, a.dtype));
    }
    const attributes = {
      transA: transposeA ? 1 : 0,
      transB: transposeB ? 1 : 0,
      alpha: { float: alpha },
    };
    return this.node("FusedMatMul", [a, b], output, attributes, microsoft);
  }

  /** With its last two axes exchanged. */
  #turned(x: GraphValue): GraphValue {
    const axes = x.shape.map((_, axis) => axis);
    return this.transpose(x, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
  }

  concat(values: readonly GraphValue[], axis: number): GraphValue {
    if (values.length === 1) return values[0]!;
    const shape = values[0]!.shape.with(
      axis,
      values.reduce((sum, value) => sum + value.shape[axis]!, 0),
    );
    return this.node("Concat", values, { shape, dtype: values[0]!.dtype }, { axis });
  }

  /** Parts of these lengths, one after the other, along one axis. */
  split(x: GraphValue, lengths: readonly number[], axis: number): readonly GraphValue[] {
    const outputs = lengths.map((length) => ({
      shape: x.shape.with(axis, length),
      dtype: x.dtype,
    }));
    return this.graph.node("Split", [x, this.integers(lengths)], { axis }, outputs);
  }

  /** Elements `starts` to `ends` (exclusive) of every axis, `steps` apart. */
  slice(
    x: GraphValue,
    starts: readonly number[],
    ends: readonly number[],
    steps?: readonly number[],
  ): GraphValue {
    const axes = x.shape.map((_, axis) => axis);
    const shape = axes.map((axis) =>
      Math.max(0, Math.ceil((ends[axis]! - starts[axis]!) / (steps?.[axis] ?? 1))),
    );
    if (!steps && shape.every((length, axis) => length === x.shape[axis])) return x;
    const lists = [starts, ends, axes, ...(steps ? [steps] : [])].map((l) => this.integers(l));
    return this.node("Slice", [x, ...lists], { shape, dtype: x.dtype });
  }

  /** Pads axis `i` by `before[i]` and `after[i]` copies of `value`. */
  pad(
    x: GraphValue,
    before: readonly number[],
    after: readonly number[],
    value = 0,
    mode: "constant" | "reflect" | "edge" = "constant",
  ): GraphValue {
    if ([...before, ...after].every((count) => count === 0)) return x;
    const shape = x.shape.map((length, axis) => length + before[axis]! + after[axis]!);
    const inputs = [x, this.integers([...before, ...after])];
    if (mode === "constant") inputs.push(this.scalar(value, x.dtype));
    return this.node("Pad", inputs, { shape, dtype: x.dtype }, { mode });
  }

  /** `x` repeated along new leading or length-1 axes until it has `shape`. */
  broadcastTo(x: GraphValue, shape: readonly number[]): GraphValue {
    if (shape.length === x.shape.length && shape.every((n, i) => n === x.shape[i])) return x;
    return this.node("Expand", [x, this.integers(shape)], { shape, dtype: x.dtype });
  }

  where(condition: GraphValue, a: GraphValue, b: GraphValue): GraphValue {
    const shape = broadcastShape(condition.shape, broadcastShape(a.shape, b.shape));
    return this.node("Where", [condition, a, b], { shape, dtype: a.dtype });
  }

  /** All elements of one number. */
  fill(shape: readonly number[], value: number, dtype: GraphType): GraphValue {
    return this.broadcastTo(this.scalar(value, dtype), shape);
  }

  size(x: GraphValue): number {
    return sizeOf(x.shape);
  }
}

/**
 * NumPy's rule: align at the last axis, length 1 stretches.
 *
 * @throws {RangeError} when two lengths differ and neither is 1
 */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const m = a[a.length - rank + i] ?? 1;
    const n = b[b.length - rank + i] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new RangeError(`Cannot broadcast ${describeShape(a)} and ${describeShape(b)} together`);
    }
    return m === 1 ? n : m;
  });
}

/**
 * Axes as numbers >= 0, in order, without repeats.
 *
 * @throws {RangeError} when there is no such axis
 */
export function normalizeAxes(
  axis: number | readonly number[] | null | undefined,
  rank: number,
): number[] {
  const axes =
    axis === null || axis === undefined
      ? Array.from({ length: rank }, (_, i) => i)
      : typeof axis === "number"
        ? [axis]
        : [...axis];
  const missing = axes.find((a) => !Number.isInteger(a) || a < -rank || a >= rank);
  if (missing !== undefined) {
    throw new RangeError(`Cannot take axis ${missing} of a tensor of rank ${rank}`);
  }
  return [...new Set(axes.map((a) => (a < 0 ? a + rank : a)))].toSorted((a, b) => a - b);
}
