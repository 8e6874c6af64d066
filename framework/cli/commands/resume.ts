import { runsOption, type Command } from "../command.ts";

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
        .option("runs", runsOption),
    async ({ run, runs }) => {
      const { resumeRun } = await import("../resumeRun.ts");
      await resumeRun(run, { runsFolder: runs, context });
    },
  );
};
