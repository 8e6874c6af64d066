import protobuf, { type IField } from "protobufjs";

import { onnxTypes, type Attribute, type GraphValue, type Program } from "../graph/graph.ts";

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
      },
    },
    ValueInfoProto: { fields: { name: field(1, "string"), type: field(2, "TypeProto") } },
    TypeProto: { fields: { tensorType: field(1, "TensorTypeProto") } },
    TensorTypeProto: {
      fields: { elemType: field(1, "int32"), shape: field(2, "TensorShapeProto") },
    },
    TensorShapeProto: { fields: { dim: field(1, "DimensionProto", "repeated") } },
    DimensionProto: { fields: { dimValue: field(1, int64) } },
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
const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 };

function attribute(name: string, value: Attribute): object {
  if (typeof value === "number") return { name, i: value, type: attributeTypes.int };
  if (typeof value === "string") {
    return { name, s: Buffer.from(value), type: attributeTypes.string };
  }
  if ("float" in value) return { name, f: value.float, type: attributeTypes.float };
  return { name, ints: value, type: attributeTypes.ints };
}

function valueInfo(name: string, { dtype, shape }: GraphValue): object {
  const dim = shape.map((length) => ({ dimValue: length }));
  return { name, type: { tensorType: { elemType: onnxTypes[dtype], shape: { dim } } } };
}

function initializer(name: string, { dtype, shape, constant }: GraphValue): object {
  const { buffer, byteOffset, byteLength } = constant!;
  const rawData = Buffer.from(buffer, byteOffset, byteLength);
  return { name, dims: shape, dataType: onnxTypes[dtype], rawData };
}

export interface EncodedModel {
  bytes: Uint8Array;
  inputNames: string[];
  outputNames: string[];
}

/** A program as an ONNX model. Inputs and outputs have the order of the program's. */
export function encodeModel(program: Program): EncodedModel {
  const { nodes, inputs, constants, outputs } = program;
  const names = nameValues(program);
  const named = (value: GraphValue): string => names.get(value)!;
  const node = nodes.map((each, i) => ({
    input: each.inputs.map((value) => (value ? named(value) : "")),
    output: each.outputs.map(named),
    name: `${each.kernel}#${i}`,
    opType: each.op,
    domain: each.domain,
    attribute: Object.entries(each.attributes).map(([key, value]) => attribute(key, value)),
  }));
  const outputNames = outputs.map((_, i) => `output${i}`);
  for (const [i, value] of outputs.entries()) {
    if (named(value) !== outputNames[i]) node.push(identity(named(value), outputNames[i]!));
  }
  const graph = {
    name: "seedbed",
    node,
    initializer: constants.map((value) => initializer(named(value), value)),
    input: inputs.map((value) => valueInfo(named(value), value)),
    output: outputs.map((value, i) => valueInfo(outputNames[i]!, value)),
  };
  const message = { irVersion, producerName: "seedbed", graph, opsetImport: opsets };
  const bytes = modelProto.encode(message).finish();
  return { bytes, inputNames: inputs.map(named), outputNames };
}

/** An output that a node computes carries the output's name itself, which saves a copy. */
function nameValues({ nodes, inputs, constants, outputs }: Program): Map<GraphValue, string> {
  const names = new Map<GraphValue, string>();
  for (const [i, value] of inputs.entries()) names.set(value, `input${i}`);
  for (const [i, value] of constants.entries()) names.set(value, `constant${i}`);
  for (const [i, value] of outputs.entries()) {
    if (!names.has(value)) names.set(value, `output${i}`);
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
