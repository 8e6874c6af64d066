import { runsOption, type Command } from "../../command.ts";

/** `seedbed runs` */
export const list: Command = (program, { terminal }) => {
  program.command(
    "$0",
    "List runs with their status, step and main metric, oldest first",
    (args) => args.option("runs", runsOption),
    async ({ runs: folder }) => {
      const { listRuns } = await import("../../../tracking/runStore.ts");
      const { isArchived } = await import("../../../tracking/runNotes.ts");
      const { runTable } = await import("../../runTable.ts");
      const found = listRuns(folder, { onUnreadable: ({ message }) => terminal.warn(message) });
      if (found.length === 0) return terminal.print(`There are no runs in ${folder}`);
      const shown = found.filter((run) => !isArchived(run.folder));
      for (const line of runTable(shown, terminal.warn)) terminal.print(line);
      const rest = found.length - shown.length;
      if (rest > 0) terminal.print(`${rest} archived: seedbed runs ls --archived`);
    },
  );
};
