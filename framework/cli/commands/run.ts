import {
  runsOption,
  specsArgument,
  workersOption,
  type Command,
  type CommandContext,
} from "../command.ts";
import { startWorkers } from "../startWorkers.ts";
import { withWorkers } from "../withWorkers.ts";

/** `seedbed run SPEC... [a.b=c ...]` */
export const run: Command = (program, context) => {
  program.command(
    "run <specs..>",
    "Run experiments as their specs say, one after the other",
    (args) =>
      args
        .positional("specs", specsArgument)
        .option("print-spec", {
          type: "boolean",
          default: false,
          describe: "Print each spec with every default filled in, and stop",
        })
        .option("resume", {
          choices: ["auto"] as const,
          describe:
            "auto: go on with the last run of the same spec and seed, if it is not finished; ends with 75 when SIGTERM or SIGUSR2 has come and the work is saved, so that a queue can start the same command again",
        })
        .option("workers", workersOption)
        .option("runs", runsOption),
    async ({ specs, printSpec, resume, workers, runs }) => {
      const resumes = resume === "auto";
      const called = resumes ? inQueue(context) : context;
      if (workers !== undefined && workers !== 1) return startWorkers(workers, called);
      await withWorkers(called, async (own) => {
        const { planSpecs } = await import("../planSpecs.ts");
        const { runSpecs } = await import("../runSpecs.ts");
        const plan = planSpecs(specs);
        if (!printSpec) return runSpecs(plan, { runsFolder: runs, context: own, resumes });
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

/** Signals come from a batch system, which starts the command again. */
function inQueue(context: CommandContext): CommandContext {
  return { ...context, watchSignals: (terminal) => context.watchSignals(terminal, "queue") };
}
