import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { Run } from "./run.ts";
import { writeManifest, type RunManifest } from "./runManifest.ts";

/**
 * A run as workers other than rank 0 see it: the same manifest, but a temporary folder, so that
 * nothing but rank 0 writes to the real one. It has no loggers.
 *
 * @param manifest of rank 0's run
 * @returns the folder goes with `remove`
 */
export function workerRun(manifest: RunManifest): { run: Run; remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), `seedbed-${manifest.id}-`));
  writeManifest(folder, manifest);
  return {
    run: new Run({ folder, manifest, unlock: () => {}, hashesArtifacts: false }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
