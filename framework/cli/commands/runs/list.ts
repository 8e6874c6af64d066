import { runsOption, type Command } from "../../command.ts";

/** `seedbed runs` */
export const list: Command = (program, { terminal }) => {
  program.command(
    "$0",
    "List runs with their status, step and main metric, oldest first",
    (args) => args.option("runs", runsOption),
    async ({ runs: folder }) => {
      const { listRuns } = await import("../../../tracking/runStore.ts");
      const { runTable } = await import("../../runTable.ts");
      const found = listRuns(folder, { onUnreadable: ({ message }) => terminal.warn(message) });
      if (found.length === 0) return terminal.print(`There are no runs in ${folder}`);
      for (const line of runTable(found.map(({ folder: each }) => each))) terminal.print(line);
    },
  );
};
