import { runsOption, type Command } from "../command.ts";
import { reportFormatOption } from "../reporting/reportFormatOption.ts";

/** `seedbed report RUN...` */
export const report: Command = (program, context) => {
  program.command(
    "report <run..>",
    "Compare runs in a file to hand on: numbers, curves, settings, notes",
    (args) =>
      args
        .positional("run", {
          type: "string",
          array: true,
          demandOption: true,
          describe: "Folder of a run, its id, or the beginning of its id",
        })
        .option("out", { type: "string", default: "report", describe: "Folder to write" })
        .option("metrics", {
          type: "string",
          default: "",
          describe: "Metrics to show, separated by commas [those that most runs have]",
        })
        .option("title", { type: "string", describe: "Of the report [Comparison of N runs]" })
        .option("format", reportFormatOption)
        .option("runs", runsOption),
    async ({ run, runs, ...options }) => {
      const { reportRuns } = await import("../reporting/reportRuns.ts");
      await reportRuns(run, { ...options, runsFolder: runs }, context.terminal);
    },
  );
};
