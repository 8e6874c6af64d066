import { InputError, SpecError } from "../../base/errors.ts";
import type { Command } from "../command.ts";

/** `seedbed validate SPEC...` */
export const validate: Command = (program, { terminal }) => {
  program.command(
    "validate <specs..>",
    "Check specs and sweeps, and everything they name, without running",
    (args) =>
      args.positional("specs", {
        type: "string",
        array: true,
        demandOption: true,
        describe: "YAML files",
      }),
    async ({ specs }) => {
      let wrong = 0;
      for (const spec of specs) {
        const problem = await problemWith(spec, terminal.warn);
        if (problem === undefined) terminal.print(`${spec}: ok`);
        else terminal.warn(problem);
        if (problem !== undefined) wrong++;
      }
      if (wrong > 0) throw new InputError(`Cannot use ${wrong} of ${specs.length} specs`);
    },
  );
};

async function problemWith(
  file: string,
  warn: (line: string) => void,
): Promise<string | undefined> {
  const tell = (line: string): void => warn(line.startsWith(file) ? line : `${file}: ${line}`);
  try {
    await check(file, tell);
    return undefined;
  } catch (error) {
    if (error instanceof SpecError || error instanceof InputError) return error.message;
    throw error;
  }
}

async function check(file: string, warn: (line: string) => void): Promise<void> {
  const { readSpec } = await import("../../spec/readSpec.ts");
  const { isSweep } = await import("../../spec/sweepSpec.ts");
  if (isSweep(readSpec(file).root)) {
    const { loadSweep } = await import("../sweeps/loadSweep.ts");
    await loadSweep(file, warn, { runsFolder: "runs" });
    return;
  }
  const { loadExperimentSpec } = await import("../loadExperimentSpec.ts");
  const { missingReferences, resolveReferences } = await import("../runReferences.ts");
  const loaded = await loadExperimentSpec(file);
  const missing = missingReferences(loaded, "runs");
  for (const { key, run } of missing) warn(`${key}: run ${run} is still to be carried out`);
  if (missing.length > 0) return;
  await loaded.experiment.check?.(resolveReferences(loaded, "runs").spec, warn);
}
