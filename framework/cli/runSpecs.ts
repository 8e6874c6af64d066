import type { WorkerContext } from "./command.ts";
import { continueRun } from "./continueRun.ts";
import { loadExperimentSpec, type LoadedSpec } from "./loadExperimentSpec.ts";
import type { PlannedSpec } from "./planSpecs.ts";
import { startRun } from "./startRun.ts";

export interface RunSpecsOptions {
  /** Folder of all runs. */
  readonly runsFolder: string;
  readonly context: WorkerContext;
  /** Whether to go on with runs of the same specs that are not finished; default: no. */
  readonly resumes?: boolean;
}

/**
 * Carries specs out one after the other, and stops at the first that fails; what is wrong with any of
 * them is found before the first begins.
 */
export async function runSpecs(
  plan: readonly PlannedSpec[],
  { runsFolder, context, resumes = false }: RunSpecsOptions,
): Promise<void> {
  const loaded: LoadedSpec[] = [];
  for (const { file, overrides } of plan) loaded.push(await loadExperimentSpec(file, overrides));
  const { print, warn } = context.terminal;
  for (const [i, each] of loaded.entries()) {
    const left = plan.slice(i + 1).map(({ file }) => file);
    if (plan.length > 1) print(`Spec ${i + 1} of ${plan.length}: ${plan[i]!.file}`);
    try {
      await (resumes ? continueRun : startRun)(each, { runsFolder, context });
    } catch (error) {
      if (left.length > 0) warn(`Not run: ${left.join(", ")}`);
      throw error;
    }
  }
}
