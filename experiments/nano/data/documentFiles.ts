import { readFileSync } from "node:fs";
import path from "node:path";

import type { TokenDocuments } from "seedbed";

/** Puts documents among the files to write: `.ids` of two bytes, `.ends` of four, `.learnt` of one. */
export function writeDocuments(
  contents: Map<string, string | Uint8Array>,
  name: string,
  { ids, ends, learnt }: TokenDocuments,
): void {
  contents.set(`${name}.ids`, bytesOf(ids));
  contents.set(`${name}.ends`, bytesOf(ends));
  contents.set(`${name}.learnt`, learnt);
}

export function readDocuments(folder: string, name: string): TokenDocuments {
  const bytes = (ending: string): ArrayBuffer =>
    Uint8Array.from(readFileSync(path.join(folder, `${name}.${ending}`))).buffer;
  return {
    ids: new Uint16Array(bytes("ids")),
    ends: new Uint32Array(bytes("ends")),
    learnt: new Uint8Array(bytes("learnt")),
  };
}

function bytesOf(values: Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
