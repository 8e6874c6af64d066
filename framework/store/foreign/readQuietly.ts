import path from "node:path";

import { InputError } from "../../base/errors.ts";
import type { ForeignFormat, ForeignRun } from "./foreignRun.ts";

/** A run; one that cannot be read stays visible, with what its place says. */
export function readQuietly(format: ForeignFormat, folder: string): ForeignRun {
  try {
    return format.read(folder);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error;
    if (!(error instanceof InputError) && !isMissing) throw error;
    return {
      id: path.basename(folder),
      name: path.basename(path.dirname(folder)),
      ...{ title: null, notes: "", tags: [], group: null, sweepId: null, config: {}, summary: {} },
      ...{ startSeconds: NaN, outcome: undefined, problems: [error.message], unfinished: [] },
      ...{ surroundings: {}, gitPatch: "" },
      readPoints() {},
      readConsole: () => [],
      readSystem: () => [],
      files: () => [],
    };
  }
}
