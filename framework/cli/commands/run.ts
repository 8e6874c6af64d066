import { runsOption, workersOption, type Command } from "../command.ts";
import { startWorkers } from "../startWorkers.ts";
import { withWorkers } from "../withWorkers.ts";

/** `seedbed run SPEC... [a.b=c ...]` */
export const run: Command = (program, context) => {
  program.command(
    "run <specs..>",
    "Run experiments as their specs say, one after the other",
    (args) =>
      args
        .positional("specs", {
          type: "string",
          array: true,
          demandOption: true,
          describe:
            "YAML files, and values to set, such as trainer.maxSteps=10, or NAME:trainer.maxSteps=10 in one file",
        })
        .option("print-spec", {
          type: "boolean",
          default: false,
          describe: "Print each spec with every default filled in, and stop",
        })
        .option("workers", workersOption)
        .option("runs", runsOption),
    async ({ specs, printSpec, workers, runs }) => {
      if (workers !== undefined && workers !== 1) return startWorkers(workers, context);
      await withWorkers(context, async (own) => {
        const { planSpecs, runSpecs } = await import("../runSpecs.ts");
        const plan = planSpecs(specs);
        if (!printSpec) return runSpecs(plan, { runsFolder: runs, context: own });
        const { loadExperimentSpec } = await import("../loadExperimentSpec.ts");
        const yamls = [];
        for (const { file, overrides } of plan) {
          yamls.push((await loadExperimentSpec(file, overrides)).yaml.trimEnd());
        }
        own.terminal.print(yamls.join("\n---\n"));
      });
    },
  );
};
