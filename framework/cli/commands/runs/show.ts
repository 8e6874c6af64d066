import { runsOption, type Command } from "../../command.ts";
import { runPositional } from "./runPositional.ts";

/** `seedbed runs show RUN` */
export const show: Command = (program, { terminal }) => {
  program.command(
    "show <run>",
    "Show all that is known of a run: settings, metrics, how it ended, where it ran",
    (args) =>
      args
        .positional("run", runPositional)
        .option("format", {
          choices: ["text", "json"],
          default: "text",
          describe: "How to print it",
        } as const)
        .option("runs", runsOption),
    async ({ run: reference, format, runs }) => {
      const { findIndexed, openRuns } = await import("../../browsing/openRuns.ts");
      const { describeRun, nonFiniteToWords } = await import("../../browsing/describeRun.ts");
      const { openMedia } = await import("../../../store/media/openRecords.ts");
      const { index } = await openRuns(runs);
      const run = findIndexed(index, reference);
      const media = openMedia({ folder: index.folderOf(run.key)!, source: run.source })
        .look()
        .list();
      if (format === "json")
        return terminal.print(JSON.stringify({ ...run, media }, nonFiniteToWords, 2));
      for (const line of describeRun(run, media)) terminal.print(line);
    },
  );
};
