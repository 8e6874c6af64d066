import { describeShape, sizeOf } from "../base/shape.ts";
import type { GraphValue, Program } from "../graph/graph.ts";

/** Bytes of an element, by type; others are not counted. */
const elementBytes: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1, uint8: 1 };

/** The names that nodes have in a model: `encodeModel` writes them, fused ones have them inside. */
const nodeName = /Name:'[^']*?(\w+#(\d+))[^']*'/;

/**
 * What makes of ONNX Runtime's message about a node one that tells the kernel and the shapes that it
 * was to read and to make. Keeps shapes alone of the program.
 */
export function explainFailure({ nodes }: Program): (message: string) => string {
  const shapes = nodes.map(({ kernel, inputs, outputs }) => ({
    kernel,
    inputs: inputs.map((value) => value?.shape),
    outputs: outputs.map(({ shape }) => shape),
    bytes: outputs.reduce((sum, value) => sum + bytesOf(value), 0),
  }));
  return (message) => {
    const node = shapes[Number(nodeName.exec(message)?.[2] ?? Number.NaN)];
    if (!node) return message;
    const inputs = node.inputs.map((shape) => (shape ? describeShape(shape) : "nothing"));
    const outputs = node.outputs.map(describeShape);
    return `${message}; it was kernel ${node.kernel} with inputs ${inputs.join(", ")} and outputs ${outputs.join(", ")}, of ${describeBytes(node.bytes)}`;
  };
}

const bytesOf = ({ shape, dtype }: GraphValue): number =>
  sizeOf(shape) * (elementBytes[dtype] ?? 0);

function describeBytes(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"] as const;
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}
