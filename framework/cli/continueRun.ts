import { broadcastText } from "../distributed/world.ts";
import { hashParameters } from "../tracking/parameters.ts";
import { readManifest } from "../tracking/runManifest.ts";
import { listRuns, type ListedRun } from "../tracking/runStore.ts";
import type { LoadedSpec } from "./loadExperimentSpec.ts";
import { resumeRun } from "./resumeRun.ts";
import { resolveReferences } from "./runReferences.ts";
import { startRun, type StartRunOptions } from "./startRun.ts";
import { waitForOwner } from "./waitForOwner.ts";

/**
 * Goes on with the last run of the same spec and seed, or begins one where there is none. A run that
 * is finished is left alone: again it would give the same numbers.
 *
 * @throws {InputError} when that run is in use, or cannot be resumed
 */
export async function continueRun(given: LoadedSpec, options: StartRunOptions): Promise<void> {
  const { runsFolder, context } = options;
  const { world, terminal } = context;
  const own = world.rank === 0 ? await findLast(given, options) : undefined;
  const text = await broadcastText(world, "the run to go on with", JSON.stringify(own ?? null));
  const found: Found | null = JSON.parse(text);
  if (!found) return void (await startRun(given, options));
  const { folder, isFinished } = found;
  if (!isFinished) return resumeRun(folder, { runsFolder, context });
  terminal.print(`Finished already: ${folder}; without --resume it is carried out again`);
}

interface Found {
  readonly folder: string;
  readonly isFinished: boolean;
}

/** Waits while its process, on another machine, may still live. */
async function findLast(
  given: LoadedSpec,
  { runsFolder, context }: StartRunOptions,
): Promise<Found | undefined> {
  const { spec } = resolveReferences(given, runsFolder);
  const hash = hashParameters(spec);
  const run = listRuns(runsFolder).findLast(
    (listed) => isOwn(listed) && listed.manifest.specSha256 === hash,
  );
  if (!run) return undefined;
  await waitForOwner(run.folder, context.terminal.warn);
  const { folder } = run;
  return { folder, isFinished: readManifest(folder).status === "finished" };
}

/** Trials belong to their sweep, and what others have written cannot be resumed. */
const isOwn = ({ manifest }: ListedRun): boolean =>
  manifest.sweep === undefined && manifest.imported === undefined;
