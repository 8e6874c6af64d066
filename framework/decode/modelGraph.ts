import {
  Graph,
  onnxTypes,
  programFor,
  type Attributes,
  type ConstantArray,
  type GraphType,
  type GraphValue,
} from "../graph/graph.ts";
import { encodeModel, type EncodedModel, type ModelWeight } from "../onnx/modelProto.ts";

const microsoft = "com.microsoft";

/** Lengths of axes; a name is a length that is known when the model runs. */
export type Dims = readonly (number | string)[];

/** An array that the model reads where it lies. */
export interface GivenWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface FinishedModel extends EncodedModel {
  /** What the model is made with, or is bound to at each run, by name. */
  readonly weights: readonly GivenWeight[];
}

/** Writes an ONNX model whose batch and lengths vary: values within have no shapes here. */
export class ModelGraph {
  readonly #graph = new Graph();
  readonly #names = new Map<GraphValue, string>();
  readonly #dims = new Map<GraphValue, Dims>();
  readonly #weights = new Map<string, { given: GivenWeight; value: GraphValue }>();
  readonly #outputs: { name: string; value: GraphValue }[] = [];

  input(name: string, dtype: GraphType, dims: Dims): GraphValue {
    const value = this.#graph.input(dtype, shapeOf(dims));
    this.#names.set(value, name);
    this.#dims.set(value, dims);
    return value;
  }

  output(name: string, value: GraphValue, dims: Dims): void {
    this.#outputs.push({ name, value });
    this.#dims.set(value, dims);
  }

  /** A weight which is not copied into the model. Asked for twice, it is one. */
  weight(given: GivenWeight): GraphValue {
    const known = this.#weights.get(given.name);
    if (known) return known.value;
    const value = this.#graph.input("float32", given.shape);
    this.#weights.set(given.name, { given, value });
    return value;
  }

  /** Values that the model holds itself. */
  constant(dtype: GraphType, values: ConstantArray, shape: readonly number[]): GraphValue {
    return this.#graph.constant(dtype, values, shape);
  }

  integers(...values: number[]): GraphValue {
    return this.constant("int64", BigInt64Array.from(values, BigInt), [values.length]);
  }

  /** An operator of ONNX with one output. */
  node(
    op: string,
    inputs: readonly (GraphValue | undefined)[],
    attributes: Attributes = {},
    dtype: GraphType = "float32",
  ): GraphValue {
    return this.#graph.node(op, inputs, attributes, [{ dtype, shape: [] }])[0]!;
  }

  cast(x: GraphValue, dtype: GraphType): GraphValue {
    return this.node("Cast", [x], { to: onnxTypes[dtype] }, dtype);
  }

  /** An operator of ONNX Runtime. */
  microsoft(
    op: string,
    inputs: readonly (GraphValue | undefined)[],
    attributes: Attributes = {},
  ): GraphValue {
    return this.microsoftNodes(op, inputs, attributes, ["float32"])[0]!;
  }

  /** As {@link microsoft}, with several outputs of these types. */
  microsoftNodes(
    op: string,
    inputs: readonly (GraphValue | undefined)[],
    attributes: Attributes,
    outputs: readonly GraphType[],
  ): readonly GraphValue[] {
    const infos = outputs.map((dtype) => ({ dtype, shape: [] }));
    return this.#graph.node(op, inputs, attributes, infos, microsoft);
  }

  split(x: GraphValue, parts: number, axis: number): readonly GraphValue[] {
    const outputs = Array.from({ length: parts }, () => ({ dtype: x.dtype, shape: [] }));
    return this.#graph.node("Split", [x], { axis, num_outputs: parts }, outputs);
  }

  /**
   * @param bound whether weights are inputs, read anew in each run; otherwise the session takes them
   *   when it is made, and may lay them out as suits it
   */
  finish(bound: boolean): FinishedModel {
    const program = programFor(this.#outputs.map(({ value }) => value));
    const weights = [...this.#weights.values()].filter(({ value }) =>
      program.inputs.includes(value),
    );
    const elsewhere = new Map<GraphValue, ModelWeight>();
    for (const { given, value } of weights) {
      if (bound) this.#names.set(value, given.name);
      else elsewhere.set(value, placeholder(given));
    }
    const inputs = program.inputs.filter((value) => !elsewhere.has(value));
    const model = encodeModel(program, {
      inputNames: inputs.map((value) => this.#names.get(value)!),
      outputNames: this.#outputs.map(({ name }) => name),
      weights: elsewhere,
      dims: this.#dims,
    });
    return { ...model, weights: weights.map(({ given }) => given) };
  }
}

/** A weight that the session is given beside the model. */
function placeholder({ name, values }: GivenWeight): ModelWeight {
  const data = { file: "given", offset: 0, length: values.byteLength };
  return { name, dtype: "float32", data };
}

function shapeOf(dims: Dims): number[] {
  return dims.map((length) => (typeof length === "number" ? length : -1));
}
