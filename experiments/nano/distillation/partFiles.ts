import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";

import { hashFiles, modelFiles, writeFileAtomic, type TokenDocuments } from "seedbed";

/** Something that is made once, in parts, each a file. */
export interface PartFiles {
  readonly folder: string;
  readonly count: number;
}

export interface BuildOptions {
  /** Ends the work before the next part. */
  readonly signal?: AbortSignal;
  readonly print?: (line: string) => void;
  /** What parts are of, for messages. */
  readonly what: string;
}

export function partFile({ folder }: Pick<PartFiles, "folder">, part: number): string {
  return path.join(folder, `part-${String(part).padStart(5, "0")}`);
}

/**
 * Makes the parts that are not there yet. Files are written whole or not at all, so that work which
 * was stopped goes on where it stopped.
 *
 * @param make the content of a part
 */
export async function buildParts(
  parts: PartFiles,
  make: (part: number) => Promise<Uint8Array>,
  { signal, print, what }: BuildOptions,
): Promise<void> {
  let made = 0;
  for (let part = 0; part < parts.count; part++) {
    const file = partFile(parts, part);
    if (existsSync(file)) continue;
    signal?.throwIfAborted();
    writeFileAtomic(file, await make(part));
    if (++made % 20 === 0) print?.(`${what}: ${part + 1} of ${parts.count} parts`);
  }
  if (made > 0) print?.(`${what}: ${parts.count} parts in ${parts.folder}`);
}

/** What names something that a teacher made of documents. */
export function teacherKey(teacher: string, documents: TokenDocuments, settings: object): string {
  const model = hashFiles(modelFiles(teacher));
  const hash = createHash("sha256").update(model).update(JSON.stringify(settings));
  const { ids, ends, learnt } = documents;
  for (const { buffer, byteOffset, byteLength } of [ids, ends, learnt]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex").slice(0, 16);
}
