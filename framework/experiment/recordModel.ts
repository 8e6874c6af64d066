import { hashFiles } from "../base/hashFiles.ts";
import type { Run } from "../tracking/run.ts";
import { modelFiles } from "../weights/modelFiles.ts";
import type { ComponentName } from "../weights/pipelineFolder.ts";

/**
 * Notes a model that a run is made from, and what is in its files: parts that do not learn are read
 * from there whenever the run goes on.
 *
 * @param name such as `base` or `teacher`
 * @param source as `modelFiles` has it
 * @param parts of a pipeline, where the others do not matter
 * @returns the hash of `modelFiles`
 * @throws {InputError} when the run goes on from a checkpoint that was trained with other files
 */
export function recordModel(
  run: Pick<Run, "recordArtifact" | "recordData">,
  name: string,
  source: string,
  parts?: readonly ComponentName[],
): string {
  const sha256 = hashFiles(modelFiles(source, parts));
  run.recordData(`${name} model`, sha256, { path: source });
  run.recordArtifact({ name, type: "model", path: source, direction: "input" });
  return sha256;
}
