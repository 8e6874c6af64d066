import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

import { writeFileAtomic } from "../../base/atomicFile.ts";
import { parseJson } from "../../base/json.ts";
import { metricsFileName } from "../../tracking/metricsFile.ts";
import { isRecord } from "../../tracking/parameters.ts";
import { runOwner } from "../../tracking/runLock.ts";
import { manifestPath, readManifest } from "../../tracking/runManifest.ts";

/** What others need of a run, the manifest last: a folder with it is a run. */
const copied = ["spec.yaml", metricsFileName, "manifest.json"] as const;
/** Tells a copy from a run that was carried out here. */
const markName = "copy.json";
const largestBytes = 2 ** 29;

/** What others need to know of a run: its manifest, its settings and its numbers, compressed. */
export function packRun(folder: string): Buffer {
  const files = copied.flatMap((name) => {
    const file = path.join(folder, name);
    return existsSync(file) ? [[name, contentOf(file, name)] as const] : [];
  });
  return gzipSync(JSON.stringify(Object.fromEntries(files)));
}

/** Pictures, tables and texts stay where they were made; so does a line that is not whole. */
function contentOf(file: string, name: string): string {
  const text = readFileSync(file, "utf8");
  if (name !== metricsFileName) return text;
  const lines = text.split("\n").slice(0, -1);
  const numbers = lines.filter((line) => line.startsWith('{"kind":"metrics"'));
  return numbers.map((line) => `${line}\n`).join("");
}

/**
 * Makes a folder a copy of a run that is carried out elsewhere. What was carried out here gives way to
 * it, unless it is finished, as the other is the same then.
 *
 * @param packed by `packRun`; what is no such thing is passed over
 * @returns whether that is possible now: not while a process still runs it
 */
export function unpackRun(folder: string, packed: Buffer): boolean {
  const files = unpack(packed);
  if (!files) return true;
  if (existsSync(manifestPath(folder)) && !isCopy(folder)) {
    if (runOwner(folder, manifestPath(folder))) return false;
    if (readManifest(folder).status === "finished") return true;
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileAtomic(path.join(folder, markName), `${JSON.stringify({ copy: true })}\n`);
  for (const name of copied) {
    const text = files[name];
    if (typeof text === "string") writeFileAtomic(path.join(folder, name), text);
  }
  return true;
}

/** Makes room for a run that begins here. */
export function removeCopy(folder: string): void {
  if (isCopy(folder)) rmSync(folder, { recursive: true, force: true });
}

const isCopy = (folder: string): boolean => existsSync(path.join(folder, markName));

function unpack(packed: Buffer): Record<string, unknown> | undefined {
  try {
    const value = parseJson(gunzipSync(packed, { maxOutputLength: largestBytes }).toString());
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
