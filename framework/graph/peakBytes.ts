import { sizeOf } from "../base/shape.ts";
import type { GraphNode, GraphType, GraphValue, Program } from "./graph.ts";

const bytesOf: Readonly<Record<GraphType, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  int8: 1,
  uint8: 1,
  int64: 8,
  float64: 8,
  float16: 2,
  bfloat16: 2,
};

/** Operators whose result is their first operand seen otherwise. */
const views: ReadonlySet<string> = new Set(["Identity", "Reshape", "Squeeze", "Unsqueeze"]);

/** Memory of one or more values, one after another. */
interface Buffer {
  bytes: number;
  start: number;
  /** Position of the last node that reads it. */
  end: number;
}

/**
 * The most memory that the intermediate values of a program need at once, if its nodes run in
 * recorded order.
 *
 * @returns `released`: each value's memory is free for any other when it was read last; `kept`: it
 * waits for a value of the same size, as ONNX Runtime plans it, and is free after the last of these
 */
export function peakBytes(program: Program): { released: number; kept: number } {
  const released = lifetimes(program);
  return { released: peakOf(released), kept: peakOf(chained(released)) };
}

function lifetimes({ nodes, outputs }: Program): Buffer[] {
  const buffers = new Map<GraphValue, Buffer>();
  for (const [position, node] of nodes.entries()) {
    for (const input of node.inputs) {
      const buffer = input && buffers.get(input);
      if (buffer) buffer.end = position;
    }
    for (const output of node.outputs) {
      const buffer = bufferFor(node, output, position, buffers);
      if (buffer) buffers.set(output, buffer);
    }
  }
  const elsewhere = new Set(outputs.map((output) => buffers.get(output)));
  return [...new Set(buffers.values())].filter((buffer) => !elsewhere.has(buffer));
}

/** Undefined for a view of what the program is given. */
function bufferFor(
  { op, inputs }: GraphNode,
  { shape, dtype }: GraphValue,
  position: number,
  buffers: ReadonlyMap<GraphValue, Buffer>,
): Buffer | undefined {
  const [source] = inputs;
  if (views.has(op) && source) return buffers.get(source);
  return { bytes: sizeOf(shape) * bytesOf[dtype], start: position, end: position };
}

/** The same with one buffer for values of one size that do not live at the same time. */
function chained(buffers: readonly Buffer[]): Buffer[] {
  const chains = new Map<number, Buffer[]>();
  for (const buffer of buffers) {
    let ofSize = chains.get(buffer.bytes);
    if (!ofSize) chains.set(buffer.bytes, (ofSize = []));
    const free = ofSize.find(({ end }) => end < buffer.start);
    if (free) free.end = buffer.end;
    else ofSize.push({ ...buffer });
  }
  return [...chains.values()].flat();
}

function peakOf(buffers: readonly Buffer[]): number {
  const changes = buffers.flatMap(({ bytes, start, end }) => [
    { position: start, bytes },
    { position: end + 0.5, bytes: -bytes },
  ]);
  changes.sort((a, b) => a.position - b.position);
  let [bytes, most] = [0, 0];
  for (const change of changes) most = Math.max(most, (bytes += change.bytes));
  return most;
}
