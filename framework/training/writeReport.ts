import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";
import type { TrainerState } from "./trainerState.ts";

/**
 * Writes what a callback has found as JSON beside the checkpoints' folder.
 *
 * @param name of the file
 * @returns its path; undefined when there is no place for it
 */
export function writeReport(
  { checkpointsFolder }: Pick<TrainerState, "checkpointsFolder">,
  name: string,
  report: object,
): string | undefined {
  if (checkpointsFolder === undefined) return undefined;
  const file = path.join(path.dirname(checkpointsFolder), name);
  writeFileAtomic(file, `${JSON.stringify(report, null, 2)}\n`);
  return file;
}
