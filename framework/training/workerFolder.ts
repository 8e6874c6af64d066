import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { World } from "../distributed/world.ts";

/** They go with the process. */
const folders: string[] = [];

/**
 * Where a worker's checkpoints go: rank 0's as given, those of the others inside a temporary folder,
 * where callbacks may leave pointers to what rank 0 saves, and other files beside them.
 */
export function workerFolder(given: string | undefined, { rank }: World): string | undefined {
  if (given === undefined || rank === 0) return given;
  if (folders.length === 0) process.once("exit", removeAll);
  const parent = mkdtempSync(path.join(tmpdir(), `seedbed-rank-${rank}-`));
  folders.push(parent);
  const folder = path.join(parent, path.basename(given));
  mkdirSync(folder);
  return folder;
}

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
