import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { compareEnvironments } from "../../store/compareRuns.ts";
import { gitPatch } from "../../tracking/gitPatch.ts";
import { describeEnvironment } from "../../tracking/runEnvironment.ts";
import type { RunManifest } from "../../tracking/runManifest.ts";
import { differenceLines } from "../browsing/compareTable.ts";

/**
 * What is not as it was when a run began, of all that its numbers may depend on besides its spec:
 * the code, versions, the machine, variables. None where nothing has changed.
 */
export function environmentChanges(
  folder: string,
  { id, git, versions, host, environment }: RunManifest,
  directory: string,
): string[] {
  const now = describeEnvironment(directory);
  const section = compareEnvironments([{ git, versions, host, environment }, { ...now }]);
  const lines = differenceLines([id, "now"], section);
  if (git?.commit !== now.git?.commit || !git?.dirty || !now.git?.dirty) return lines;
  const file = path.join(folder, "git.patch");
  const then = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (then === gitPatch(directory)) return lines;
  return [...lines, `The changes that are not committed are others than in ${file}`];
}
