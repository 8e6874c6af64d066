import { runsOption, type Command } from "../../command.ts";
import { runPositional } from "./runPositional.ts";

/** `seedbed runs note RUN "text"` */
export const note: Command = (program, { terminal }) => {
  program.command(
    "note <run> [text]",
    "Set the notes of a run, or print them",
    (args) =>
      args
        .positional("run", runPositional)
        .positional("text", { type: "string", describe: "Markdown; an empty one takes them away" })
        .option("runs", runsOption),
    async ({ run, text, runs }) => {
      const { findRun } = await import("../../../tracking/runStore.ts");
      const { changeRunNotes, readRunNotes } = await import("../../../tracking/runNotes.ts");
      const folder = findRun(runs, run);
      const { notes } =
        text === undefined ? readRunNotes(folder) : changeRunNotes(folder, { notes: text });
      terminal.print(notes === "" ? `${folder}: no notes` : notes);
    },
  );
};
