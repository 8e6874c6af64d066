import { InputError, SpecError } from "../../base/errors.ts";
import { runsOption, specsArgument, type Command } from "../command.ts";
import type { PlannedSpec } from "../planSpecs.ts";

/** `seedbed validate SPEC... [a.b=c ...]` */
export const validate: Command = (program, { terminal }) => {
  program.command(
    "validate <specs..>",
    "Check specs and sweeps, and everything they name, without running",
    (args) => args.positional("specs", specsArgument).option("runs", runsOption),
    async ({ specs, runs }) => {
      const { planSpecs } = await import("../planSpecs.ts");
      const plan = planSpecs(specs);
      let wrong = 0;
      for (const each of plan) {
        const problem = await problemWith(each, runs, terminal.warn);
        if (problem === undefined) terminal.print(`${each.file}: ok`);
        else terminal.warn(problem);
        if (problem !== undefined) wrong++;
      }
      if (wrong > 0) throw new InputError(`Cannot use ${wrong} of ${plan.length} specs`);
    },
  );
};

async function problemWith(
  planned: PlannedSpec,
  runsFolder: string,
  warn: (line: string) => void,
): Promise<string | undefined> {
  const { file } = planned;
  const tell = (line: string): void => warn(line.startsWith(file) ? line : `${file}: ${line}`);
  try {
    await check(planned, runsFolder, tell);
    return undefined;
  } catch (error) {
    if (error instanceof SpecError || error instanceof InputError) return error.message;
    throw error;
  }
}

async function check(
  { file, overrides }: PlannedSpec,
  runsFolder: string,
  warn: (line: string) => void,
): Promise<void> {
  const { readSpec } = await import("../../spec/readSpec.ts");
  const { isSweep } = await import("../../spec/sweepSpec.ts");
  if (isSweep(readSpec(file).root)) {
    if (overrides.length > 0) {
      throw new InputError(
        `Cannot set ${overrides.join(" ")} in ${file}: expected an experiment's spec, got a sweep`,
      );
    }
    const { loadSweep } = await import("../sweeps/loadSweep.ts");
    await loadSweep(file, warn, { runsFolder });
    return;
  }
  const { loadExperimentSpec } = await import("../loadExperimentSpec.ts");
  const { missingReferences, resolveReferences } = await import("../runReferences.ts");
  const loaded = await loadExperimentSpec(file, overrides);
  const missing = missingReferences(loaded, runsFolder);
  for (const { key, run } of missing) warn(`${key}: run ${run} is still to be carried out`);
  if (missing.length > 0) return;
  await loaded.experiment.check?.(resolveReferences(loaded, runsFolder).spec, warn);
}
