import { runsOption, type Command } from "../command.ts";

/** `seedbed diff RUN RUN` */
export const diff: Command = (program, { terminal }) => {
  const which = { type: "string", demandOption: true } as const;
  program.command(
    "diff <run> <other>",
    "Show in what two runs differ, and where their numbers part",
    (args) =>
      args
        .positional("run", { ...which, describe: "A run: its folder, or its id's beginning" })
        .positional("other", { ...which, describe: "Another run" })
        .option("runs", runsOption),
    async ({ run, other, runs }) => {
      const { findIndexed, openRuns } = await import("../browsing/openRuns.ts");
      const { compareTable } = await import("../browsing/compareTable.ts");
      const { compareOutcomes, differenceExitCode, isBitIdentical, outcomeLines } =
        await import("../comparing/compareOutcomes.ts");
      const { index } = await openRuns(runs);
      const [first, second] = [findIndexed(index, run), findIndexed(index, other)];
      const only = ["config", "environment"] as const;
      const table = compareTable([first, second], { all: false, format: "text", only });
      for (const line of table) terminal.print(line);
      const outcome = compareOutcomes(first.folder, second.folder);
      for (const line of outcomeLines(outcome)) terminal.print(line);
      if (isBitIdentical(outcome)) return;
      const { QuietExit } = await import("../quietExit.ts");
      throw new QuietExit(differenceExitCode);
    },
  );
};
