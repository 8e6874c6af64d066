import { existsSync } from "node:fs";
import path from "node:path";

import { InputError } from "../../base/errors.ts";
import { manifestPath } from "../../tracking/runManifest.ts";
import { RunIndex } from "../runIndex.ts";
import type { foreignFormats } from "./foreignFormats.ts";
import { importRun } from "./importRun.ts";

export interface ImportRunsOptions {
  readonly format: keyof typeof foreignFormats;
  /** A folder of runs of the other program, or of one. */
  readonly from: string;
  /** Folder of all our runs. */
  readonly runsFolder: string;
  /** Of all of them; what they are called themselves when absent. */
  readonly name?: string | undefined;
  /** What was typed. */
  readonly command: readonly string[];
}

/** What became of a run. */
export interface ImportedRun {
  readonly from: string;
  readonly folder: string;
  /** It had been there before, and was left alone. */
  readonly wasThere: boolean;
  /** What could not be taken over, for a person. */
  readonly problems: readonly string[];
}

/**
 * Makes runs of ours from those of another program: settings, all that was logged, results, notes,
 * tags and files. What they are made from stays as it is.
 *
 * @throws {InputError} when there is no run of that program
 */
export async function importRuns(options: ImportRunsOptions): Promise<ImportedRun[]> {
  const { format, from, runsFolder } = options;
  const index = await RunIndex.open({ folders: [from], cacheFolder: null });
  const runs = index.runs().filter(({ source }) => source === format);
  if (runs.length === 0)
    throw new InputError(`Cannot import ${from}: expected runs of ${format}'s below it, got none`);
  return runs.map((run) => {
    const name = folderName(options.name ?? run.name);
    const folder = path.join(runsFolder, name, folderName(run.key));
    const wasThere = existsSync(manifestPath(folder));
    const problems = wasThere ? [] : importRun(folder, run, { ...options, name });
    return { from: run.folder, folder, wasThere, problems };
  });
}

/** As names of runs must be. */
function folderName(text: string): string {
  const safe = text.replaceAll(/[^\p{L}\p{N}_. -]/gu, "-").replace(/^[^\p{L}\p{N}_]+/u, "");
  return safe.trim() || "imported";
}
