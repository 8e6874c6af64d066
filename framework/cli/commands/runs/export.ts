import { splitList } from "../../browsing/tableOptions.ts";
import { runsOption, type Command } from "../../command.ts";

/** `seedbed runs export csv` */
export const exportCommand: Command = (program, { terminal }) => {
  program.command(
    "export <format> [filter]",
    "Write runs as CSV, JSON or Parquet: one row each, or all that they logged",
    (args) =>
      args
        .positional("format", {
          choices: ["csv", "json", "parquet"],
          demandOption: true,
          describe: "What to write",
        } as const)
        .positional("filter", {
          type: "string",
          default: "",
          describe: "Which runs; see docs/runs.md",
        })
        .option("metrics", {
          choices: ["last", "history"],
          default: "last",
          describe: "history: a row for each value that was logged",
        } as const)
        .option("columns", {
          type: "string",
          array: true,
          describe: "Of the runs; all when absent",
        })
        .option("output", { type: "string", describe: "File to write; a Parquet file needs one" })
        .option("archived", { type: "boolean", default: false, describe: "With archived runs" })
        .option("runs", runsOption),
    async ({ format, filter, metrics, columns, output, archived, runs }) => {
      const { openRuns } = await import("../../browsing/openRuns.ts");
      const { exportRuns } = await import("../../browsing/exportRuns.ts");
      await exportRuns(await openRuns(runs), {
        format,
        filter,
        columns: splitList(columns),
        hasHistory: metrics === "history",
        output,
        archived,
        terminal,
      });
    },
  );
};
