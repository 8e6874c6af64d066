import { readFileSync } from "node:fs";
import path from "node:path";

import { parse } from "yaml";

import { hashParameters } from "../tracking/parameters.ts";
import type { RunManifest } from "../tracking/runManifest.ts";

/** Whether the spec in a run's folder is the one that the run was started with: numbers belong to it. */
export function isSpecUnchanged(
  folder: string,
  { specSha256 }: Pick<RunManifest, "specSha256">,
): boolean {
  const spec: unknown = parse(readFileSync(path.join(folder, "spec.yaml"), "utf8"));
  return hashParameters(spec) === specSha256;
}
