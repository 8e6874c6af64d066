import type { RunNotes } from "../../../tracking/runNotes.ts";
import { runsOption, type Command } from "../../command.ts";
import { runPositional } from "./runPositional.ts";

/** `seedbed runs <name> RUN...`, which says the same of each run. */
function markCommand(name: string, description: string, change: Partial<RunNotes>): Command {
  return (program, { terminal }) => {
    program.command(
      `${name} <run..>`,
      description,
      (args) =>
        args.positional("run", { ...runPositional, array: true }).option("runs", runsOption),
      async ({ run: references, runs }) => {
        const { findRun } = await import("../../../tracking/runStore.ts");
        const { changeRunNotes } = await import("../../../tracking/runNotes.ts");
        const folders = references.map((reference) => findRun(runs, reference));
        for (const folder of folders) {
          changeRunNotes(folder, change);
          terminal.print(`${name}: ${folder}`);
        }
      },
    );
  };
}

/** `seedbed runs archive RUN` */
export const archive: Command = markCommand("archive", "Leave runs out of lists", {
  archived: true,
});

/** `seedbed runs unarchive RUN` */
export const unarchive: Command = markCommand("unarchive", "Have runs in lists again", {
  archived: false,
});

/** `seedbed runs star RUN` */
export const star: Command = markCommand("star", "Mark runs as favourites", { starred: true });

/** `seedbed runs unstar RUN` */
export const unstar: Command = markCommand("unstar", "Take that mark off", { starred: false });
