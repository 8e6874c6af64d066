import path from "node:path";

import { writeChunksAtomic } from "../../base/atomicFile.ts";
import { InputError } from "../../base/errors.ts";
import { describeArtifact, hashArtifact } from "../../tracking/artifacts.ts";
import type { RunArtifact } from "../../tracking/runArtifact.ts";
import { readBytes } from "../media/readBytes.ts";
import type { ForeignRun } from "./foreignRun.ts";
import type { ImportProblems } from "./importProblems.ts";

/** Copies a run's files to `files/` and describes them. Those that lie outside of the run stay there. */
export function copyFiles(
  folder: string,
  run: ForeignRun,
  problems: ImportProblems,
): RunArtifact[] {
  return run.files().flatMap((each) => {
    const { name } = each;
    try {
      const file = path.join(folder, "files", ...name.split("/"));
      writeChunksAtomic(file, readBytes(each.place()));
      const content = hashArtifact(file);
      return [describeArtifact(folder, { name, type: "file", path: file, ...content })];
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.add(error.message);
      return [];
    }
  });
}
