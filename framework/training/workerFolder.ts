import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { World } from "../distributed/world.ts";

/**
 * Where a worker's checkpoints go: rank 0's as given, those of the others to a temporary folder,
 * where callbacks may leave pointers to what rank 0 saves. It goes with the process.
 */
export function workerFolder(given: string | undefined, { rank }: World): string | undefined {
  if (given === undefined || rank === 0) return given;
  const folder = mkdtempSync(path.join(tmpdir(), `seedbed-rank-${rank}-`));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
