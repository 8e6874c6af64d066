import { createRun } from "../tracking/run.ts";
import { carryOut, openBackend } from "./carryOut.ts";
import type { CommandContext } from "./command.ts";
import type { LoadedSpec } from "./loadExperimentSpec.ts";

export interface StartRunOptions {
  /** Folder of all runs. */
  readonly runsFolder: string;
  readonly context: CommandContext;
}

/** Carries out a spec as a new run. Whatever can be found wrong before is, without leaving a folder. */
export async function startRun(
  loaded: LoadedSpec,
  { runsFolder, context }: StartRunOptions,
): Promise<void> {
  const { spec, experiment } = loaded;
  await experiment.check?.(spec);
  const backend = await openBackend(spec);
  const run = createRun({
    root: runsFolder,
    name: spec.name,
    seed: spec.seed,
    spec,
    specYaml: loaded.yaml,
    command: ["seedbed", ...context.args],
  });
  await carryOut({ loaded, run, backend, context });
}
