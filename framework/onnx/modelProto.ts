import protobuf, { type IField } from "protobufjs";

import {
  onnxTypes,
  type Attribute,
  type GraphType,
  type GraphValue,
  type Program,
} from "../graph/graph.ts";

const int64 = "int64";
const field = (id: number, type: string, rule?: "repeated"): IField =>
  rule ? { id, type, rule } : { id, type };

/** The messages of onnx.proto that a model without control flow needs (IR version 10). */
const root = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: field(1, int64),
        producerName: field(2, "string"),
        graph: field(7, "GraphProto"),
        opsetImport: field(8, "OperatorSetIdProto", "repeated"),
      },
    },
    OperatorSetIdProto: { fields: { domain: field(1, "string"), version: field(2, int64) } },
    GraphProto: {
      fields: {
        node: field(1, "NodeProto", "repeated"),
        name: field(2, "string"),
        initializer: field(5, "TensorProto", "repeated"),
        input: field(11, "ValueInfoProto", "repeated"),
        output: field(12, "ValueInfoProto", "repeated"),
      },
    },
    NodeProto: {
      fields: {
        input: field(1, "string", "repeated"),
        output: field(2, "string", "repeated"),
        name: field(3, "string"),
        opType: field(4, "string"),
        attribute: field(5, "AttributeProto", "repeated"),
        domain: field(7, "string"),
      },
    },
    AttributeProto: {
      fields: {
        name: field(1, "string"),
        f: field(2, "float"),
        i: field(3, int64),
        s: field(4, "bytes"),
        ints: field(8, int64, "repeated"),
        type: field(20, "int32"),
      },
    },
    TensorProto: {
      fields: {
        dims: field(1, int64, "repeated"),
        dataType: field(2, "int32"),
        name: field(8, "string"),
        rawData: field(9, "bytes"),
        externalData: field(13, "StringStringEntryProto", "repeated"),
        dataLocation: field(14, "int32"),
      },
    },
    StringStringEntryProto: { fields: { key: field(1, "string"), value: field(2, "string") } },
    ValueInfoProto: { fields: { name: field(1, "string"), type: field(2, "TypeProto") } },
    TypeProto: { fields: { tensorType: field(1, "TensorTypeProto") } },
    TensorTypeProto: {
      fields: { elemType: field(1, "int32"), shape: field(2, "TensorShapeProto") },
    },
    TensorShapeProto: { fields: { dim: field(1, "DimensionProto", "repeated") } },
    DimensionProto: { fields: { dimValue: field(1, int64), dimParam: field(2, "string") } },
  },
});
const modelProto = root.lookupType("ModelProto");

const irVersion = 10;
/** Operator sets a model may use: ONNX's own, ONNX Runtime's, and its blocked-layout one. */
const opsets = [
  { domain: "", version: 21 },
  { domain: "com.microsoft", version: 1 },
  { domain: "com.microsoft.nchwc", version: 1 },
];
/** TensorProto.EXTERNAL */
const externalLocation = 1;
const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 };

function attribute(name: string, value: Attribute): object {
  if (typeof value === "number") return { name, i: value, type: attributeTypes.int };
  if (typeof value === "string") {
    return { name, s: Buffer.from(value), type: attributeTypes.string };
  }
  if ("float" in value) return { name, f: value.float, type: attributeTypes.float };
  return { name, ints: value, type: attributeTypes.ints };
}

function valueInfo(name: string, dtype: GraphType, dims: readonly (number | string)[]): object {
  const dim = dims.map((length) =>
    typeof length === "number" ? { dimValue: length } : { dimParam: length },
  );
  return { name, type: { tensorType: { elemType: onnxTypes[dtype], shape: { dim } } } };
}

function initializer(name: string, { dtype, shape, constant }: GraphValue): object {
  const { buffer, byteOffset, byteLength } = constant!;
  const rawData = Buffer.from(buffer, byteOffset, byteLength);
  return { name, dims: shape, dataType: onnxTypes[dtype], rawData };
}

/** Values that a model holds for one of its program's inputs. */
export interface ModelWeight {
  readonly name: string;
  /** The program sees float32. */
  readonly dtype: "float32" | "float16";
  /** The elements, little-endian, or where they lie in a file beside the model's. */
  readonly data: Uint8Array | { readonly file: string; readonly offset: number; length: number };
}

export interface EncodeModelOptions {
  /** Of the program's inputs but the weights, in their order. Default: `input0`, ... */
  inputNames?: readonly string[];
  /** Default: `output0`, ... */
  outputNames?: readonly string[];
  weights?: ReadonlyMap<GraphValue, ModelWeight>;
  /** Shapes of inputs and outputs where a length may vary, which then has a name. */
  dims?: ReadonlyMap<GraphValue, readonly (number | string)[]>;
}

export interface EncodedModel {
  bytes: Uint8Array;
  inputNames: string[];
  outputNames: string[];
}

/** A program as an ONNX model. Inputs and outputs have the order of the program's. */
export function encodeModel(program: Program, options: EncodeModelOptions = {}): EncodedModel {
  const { nodes, constants, outputs } = program;
  const { weights = new Map<GraphValue, ModelWeight>(), dims } = options;
  const inputs = program.inputs.filter((value) => !weights.has(value));
  const names = nameValues({ ...program, inputs }, options);
  const named = (value: GraphValue): string => names.get(value)!;
  const node = nodes.map((each, i) => ({
    input: each.inputs.map((value) => (value ? named(value) : "")),
    output: each.outputs.map(named),
    name: `${each.kernel}#${i}`,
    opType: each.op,
    domain: each.domain,
    attribute: Object.entries(each.attributes).map(([key, value]) => attribute(key, value)),
  }));
  const widened = [...weights].filter(([, { dtype }]) => dtype !== "float32");
  node.unshift(...widened.map(([value, { name }]) => cast(name, named(value))));
  const outputNames = outputs.map((_, i) => outputName(i, options));
  for (const [i, value] of outputs.entries()) {
    if (named(value) !== outputNames[i]) node.push(identity(named(value), outputNames[i]!));
  }
  const info = (value: GraphValue, name: string): object =>
    valueInfo(name, value.dtype, dims?.get(value) ?? value.shape);
  const graph = {
    name: "seedbed",
    node,
    initializer: [
      ...constants.map((value) => initializer(named(value), value)),
      ...[...weights].map(([{ shape }, weight]) => weightMessage(weight, shape)),
    ],
    input: inputs.map((value) => info(value, named(value))),
    output: outputs.map((value, i) => info(value, outputNames[i]!)),
  };
  const message = { irVersion, producerName: "seedbed", graph, opsetImport: opsets };
  const bytes = modelProto.encode(message).finish();
  return { bytes, inputNames: inputs.map(named), outputNames };
}

function weightMessage({ name, dtype, data }: ModelWeight, dims: readonly number[]): object {
  const tensor = { name, dims, dataType: onnxTypes[dtype] };
  if (data instanceof Uint8Array) return { ...tensor, rawData: data };
  const { file, offset, length } = data;
  const place = { location: file, offset: String(offset), length: String(length) };
  const externalData = Object.entries(place).map(([key, value]) => ({ key, value }));
  return { ...tensor, externalData, dataLocation: externalLocation };
}

function outputName(index: number, { outputNames }: EncodeModelOptions): string {
  return outputNames?.[index] ?? `output${index}`;
}

/** An output that a node computes carries the output's name itself, which saves a copy. */
function nameValues(
  { nodes, inputs, constants, outputs }: Program,
  options: EncodeModelOptions,
): Map<GraphValue, string> {
  const names = new Map<GraphValue, string>();
  for (const [i, value] of inputs.entries()) {
    names.set(value, options.inputNames?.[i] ?? `input${i}`);
  }
  for (const [value, { name, dtype }] of options.weights ?? []) {
    names.set(value, dtype === "float32" ? name : `${name}/float32`);
  }
  for (const [i, value] of constants.entries()) names.set(value, `constant${i}`);
  for (const [i, value] of outputs.entries()) {
    if (!names.has(value)) names.set(value, outputName(i, options));
  }
  for (const [i, node] of nodes.entries()) {
    for (const [j, value] of node.outputs.entries()) {
      if (!names.has(value)) names.set(value, `n${i}_${j}`);
    }
  }
  return names;
}

type NodeMessage = {
  input: string[];
  output: string[];
  name: string;
  opType: string;
  domain: string;
  attribute: object[];
};

/** Passes an input, a constant or an already named output through to another output. */
function identity(from: string, to: string): NodeMessage {
  return { input: [from], output: [to], name: to, opType: "Identity", domain: "", attribute: [] };
}

function cast(from: string, to: string): NodeMessage {
  const attributes = [attribute("to", onnxTypes.float32)];
  return {
    input: [from],
    output: [to],
    name: to,
    opType: "Cast",
    domain: "",
    attribute: attributes,
  };
}
