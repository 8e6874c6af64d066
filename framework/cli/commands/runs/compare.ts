import { formatOption } from "../../browsing/tableOptions.ts";
import { runsOption, type Command } from "../../command.ts";
import { runPositional } from "./runPositional.ts";

/** `seedbed runs compare A B` */
export const compare: Command = (program, { terminal }) => {
  program.command(
    "compare <run..>",
    "Show in what runs differ: settings, environment, results",
    (args) =>
      args
        .positional("run", { ...runPositional, array: true })
        .option("all", { type: "boolean", default: false, describe: "Also what is the same" })
        .option("format", formatOption)
        .option("runs", runsOption),
    async ({ run: references, all, format, runs }) => {
      const { findIndexed, openRuns } = await import("../../browsing/openRuns.ts");
      const { compareTable } = await import("../../browsing/compareTable.ts");
      const { index } = await openRuns(runs);
      const compared = references.map((reference) => findIndexed(index, reference));
      for (const line of compareTable(compared, { all, format })) terminal.print(line);
    },
  );
};
