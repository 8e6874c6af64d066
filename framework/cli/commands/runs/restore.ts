import { runsOption, type Command } from "../../command.ts";
import { runPositional } from "./runPositional.ts";

/** `seedbed runs restore RUN` */
export const restore: Command = (program, { terminal }) => {
  program.command(
    "restore <run..>",
    "Bring runs back from the trash",
    (args) => args.positional("run", { ...runPositional, array: true }).option("runs", runsOption),
    async ({ run: references, runs }) => {
      const { restoreRun } = await import("../../../tracking/runTrash.ts");
      for (const reference of references) terminal.print(restoreRun(runs, reference));
    },
  );
};
