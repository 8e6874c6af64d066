import { runsOption, type Command } from "../../command.ts";
import { runPositional } from "./runPositional.ts";

/** `seedbed runs delete RUN` */
export const deleteCommand: Command = (program, { terminal }) => {
  program.command(
    "delete <run..>",
    "Move runs that are not running to the trash",
    (args) => args.positional("run", { ...runPositional, array: true }).option("runs", runsOption),
    async ({ run: references, runs }) => {
      const { findRun } = await import("../../../tracking/runStore.ts");
      const { trashRun } = await import("../../../tracking/runTrash.ts");
      const folders = references.map((reference) => findRun(runs, reference));
      for (const folder of folders) terminal.print(`${folder} is now ${trashRun(runs, folder)}`);
      terminal.print("Bring back with: seedbed runs restore RUN");
    },
  );
};
