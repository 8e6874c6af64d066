import path from "node:path";

import { InputError } from "../base/errors.ts";
import { broadcastText } from "../distributed/world.ts";
import { openRun } from "../tracking/openRun.ts";
import type { Run } from "../tracking/run.ts";
import { readManifest, type RunManifest } from "../tracking/runManifest.ts";
import { findRun } from "../tracking/runStore.ts";
import { readCheckpointContent } from "../training/checkpoint.ts";
import { findLastCheckpoint } from "../training/checkpointFolder.ts";
import { carryOut, openBackend } from "./carryOut.ts";
import { checkSpecUnchanged } from "./checkSpecUnchanged.ts";
import { checkWorkers } from "./checkWorkers.ts";
import type { CommandContext } from "./command.ts";
import { loadExperimentSpec } from "./loadExperimentSpec.ts";
import type { StartRunOptions } from "./startRun.ts";
import { withRun } from "./withRun.ts";

/**
 * Continues a run in its own folder from its last checkpoint, or from the start when it had none.
 *
 * @param reference the run's folder, its id, or the beginning of its id
 * @throws {InputError} when the run is finished, in use, or no longer what it was started as
 */
export async function resumeRun(
  reference: string,
  { runsFolder, context, stage }: StartRunOptions,
): Promise<void> {
  const { world, threads } = context;
  const found = world.rank === 0 ? find(reference, runsFolder, context) : undefined;
  const text = await broadcastText(world, "the run's folder", JSON.stringify(found ?? null));
  const { folder, checkpoint }: FoundRun = JSON.parse(text);
  const loaded = await loadExperimentSpec(path.join(folder, "spec.yaml"));
  await checkWorkers(loaded, world);
  await loaded.experiment.check?.(loaded.spec, context.terminal.warn);
  const backend = await openBackend(loaded.spec, threads);
  const open = (): Run =>
    openRun(folder, {
      ...(checkpoint && { resumeStep: checkpoint.step }),
      command: ["seedbed", ...context.args],
    });
  await withRun(world, open, (run) =>
    carryOut({
      loaded,
      run,
      backend,
      context,
      ...(checkpoint && { checkpoint }),
      ...(stage && { stage }),
    }),
  );
}

interface FoundRun {
  readonly folder: string;
  readonly checkpoint?: FoundCheckpoint;
}

function find(reference: string, runsFolder: string, context: CommandContext): FoundRun {
  const folder = findRun(runsFolder, reference);
  const manifest = readManifest(folder);
  if (manifest.status === "finished") {
    throw new InputError(`Cannot resume run ${folder}: it is finished`);
  }
  const otherwise = `its spec.yaml is not the one it was started with; use it for a new run: seedbed run ${path.join(folder, "spec.yaml")}`;
  checkSpecUnchanged(folder, manifest, "resume", otherwise);
  const checkpoint = findCheckpoint(folder, manifest, context);
  return { folder, ...(checkpoint && { checkpoint }) };
}

/** A checkpoint to continue from. */
export interface FoundCheckpoint {
  readonly folder: string;
  /** Optimizer steps finished when it was saved. */
  readonly step: number;
}

function findCheckpoint(
  folder: string,
  { specSha256 }: RunManifest,
  { terminal }: CommandContext,
): FoundCheckpoint | undefined {
  const checkpoint = findLastCheckpoint(path.join(folder, "checkpoints"), terminal.warn);
  if (checkpoint === undefined) {
    terminal.print("There is no checkpoint yet: starting from the beginning");
    return undefined;
  }
  const { progress, specHash } = readCheckpointContent(checkpoint);
  if (specHash !== null && specHash !== specSha256) {
    throw new InputError(`Cannot resume from ${checkpoint}: it is of another spec than the run`);
  }
  terminal.print(`Continuing from ${checkpoint}, step ${progress.step}`);
  return { folder: checkpoint, step: progress.step };
}
