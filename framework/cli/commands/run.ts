import { runsOption, workersOption, type Command } from "../command.ts";
import { startWorkers } from "../startWorkers.ts";
import { withWorkers } from "../withWorkers.ts";

/** `seedbed run SPEC [a.b=c ...]` */
export const run: Command = (program, context) => {
  program.command(
    "run <spec> [overrides..]",
    "Run an experiment as its spec says",
    (args) =>
      args
        .positional("spec", { type: "string", demandOption: true, describe: "YAML file" })
        .positional("overrides", {
          type: "string",
          array: true,
          default: [],
          describe: "Values to set, such as trainer.maxSteps=10",
        })
        .option("print-spec", {
          type: "boolean",
          default: false,
          describe: "Print the spec with every default filled in, and stop",
        })
        .option("workers", workersOption)
        .option("runs", runsOption),
    async ({ spec, overrides, printSpec, workers, runs }) => {
      if (workers !== undefined && workers !== 1) return startWorkers(workers, context);
      await withWorkers(context, async (own) => {
        const { loadExperimentSpec } = await import("../loadExperimentSpec.ts");
        const loaded = await loadExperimentSpec(spec, overrides);
        if (printSpec) return own.terminal.print(loaded.yaml.trimEnd());
        const { startRun } = await import("../startRun.ts");
        await startRun(loaded, { runsFolder: runs, context: own });
      });
    },
  );
};
