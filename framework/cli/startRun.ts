import type { TrialStage } from "../sweep/trialFile.ts";
import { createRun } from "../tracking/createRun.ts";
import type { Run } from "../tracking/run.ts";
import type { RunSweep } from "../tracking/runManifest.ts";
import { carryOut, openBackend } from "./carryOut.ts";
import { checkWorkers } from "./checkWorkers.ts";
import type { WorkerContext } from "./command.ts";
import type { LoadedSpec } from "./loadExperimentSpec.ts";
import { resolveReferences } from "./runReferences.ts";
import { withRun } from "./withRun.ts";

export interface StartRunOptions {
  /** Folder of all runs. */
  readonly runsFolder: string;
  readonly context: WorkerContext;
  /** The run's part in a sweep, which has a folder for it. */
  readonly trial?: RunTrial;
  /** How far the sweep wants it to go now. */
  readonly stage?: TrialStage;
}

export interface RunTrial {
  readonly id: string;
  readonly parentDirectory: string;
  readonly sweep: RunSweep;
}

/**
 * Carries out a spec as a new run. Whatever can be found wrong before is, without leaving a folder.
 *
 * @returns the run's folder, on rank 0
 */
export async function startRun(
  given: LoadedSpec,
  { runsFolder, context, trial, stage }: StartRunOptions,
): Promise<string> {
  const loaded = resolveReferences(given, runsFolder);
  const { spec, experiment } = loaded;
  const { world, threads } = context;
  await checkWorkers(loaded, world);
  await experiment.check?.(spec, context.terminal.warn);
  const backend = await openBackend(spec, threads);
  const openRun = (): Run =>
    createRun({
      root: runsFolder,
      name: spec.name,
      seed: spec.seed,
      spec,
      specYaml: loaded.yaml,
      command: ["seedbed", ...context.args],
      ...trial,
    });
  return withRun(world, openRun, async (run) => {
    await carryOut({ loaded, run, backend, context, ...(stage && { stage }) });
    return run.folder;
  });
}
