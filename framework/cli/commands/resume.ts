import { runsOption, workersOption, type Command } from "../command.ts";
import { startWorkers } from "../startWorkers.ts";
import { withWorkers } from "../withWorkers.ts";

/** `seedbed resume RUN` */
export const resume: Command = (program, context) => {
  program.command(
    "resume <run>",
    "Continue a run from its last checkpoint",
    (args) =>
      args
        .positional("run", {
          type: "string",
          demandOption: true,
          describe: "Folder of the run, its id, or the beginning of its id",
        })
        .option("workers", workersOption)
        .option("runs", runsOption),
    async ({ run, workers, runs }) => {
      if (workers !== undefined && workers !== 1) return startWorkers(workers, context);
      await withWorkers(context, async (own) => {
        const { resumeRun } = await import("../resumeRun.ts");
        await resumeRun(run, { runsFolder: runs, context: own });
      });
    },
  );
};
