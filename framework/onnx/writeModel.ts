import path from "node:path";

import { writeChunksAtomic, writeFileAtomic } from "../base/atomicFile.ts";
import type { GraphValue, Program } from "../graph/graph.ts";
import { encodeModel, type EncodeModelOptions, type ModelWeight } from "./modelProto.ts";

/** Bytes that a protobuf message can have, less what the graph itself may need. */
const largestMessage = 2 ** 31 - 2 ** 26;
/** So that a reader can map weights into memory. */
const pageBytes = 4096;

export interface WriteModelOptions extends EncodeModelOptions {
  readonly weights: ReadonlyMap<GraphValue, ModelWeight & { readonly data: Uint8Array }>;
  /** Bytes of weights from which on they have a file of their own. Default: almost 2 GiB. */
  readonly largest?: number;
}

/**
 * Writes a program and its weights as `<file>`; weights that are too many for one message go to
 * `<file>_data` beside it, as exporters of PyTorch do.
 */
export function writeModel(file: string, program: Program, options: WriteModelOptions): void {
  const { weights, largest = largestMessage, ...rest } = options;
  const bytes = [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);
  if (bytes <= largest) {
    writeFileAtomic(file, encodeModel(program, { ...rest, weights }).bytes);
    return;
  }
  const dataFile = `${file}_data`;
  const chunks: Uint8Array[] = [];
  const placed = new Map<GraphValue, ModelWeight>();
  let offset = 0;
  for (const [value, { name, dtype, data }] of weights) {
    placed.set(value, {
      name,
      dtype,
      data: { file: path.basename(dataFile), offset, length: data.length },
    });
    const padding = new Uint8Array(-data.length & (pageBytes - 1));
    chunks.push(data, padding);
    offset += data.length + padding.length;
  }
  writeChunksAtomic(dataFile, chunks);
  writeFileAtomic(file, encodeModel(program, { ...rest, weights: placed }).bytes);
}
