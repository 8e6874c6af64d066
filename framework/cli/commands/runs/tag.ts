import { runsOption, type Command } from "../../command.ts";
import { runPositional } from "./runPositional.ts";

/** `seedbed runs tag RUN best -old` */
export const tag: Command = (program, { terminal }) => {
  program.command(
    "tag <run> [tags..]",
    "Add tags to a run, take off those with a minus before them, and print all it has",
    (args) =>
      args
        .parserConfiguration({ "unknown-options-as-args": true })
        .positional("run", runPositional)
        .positional("tags", {
          type: "string",
          array: true,
          default: [],
          describe: "Such as best, or -old",
        })
        .option("runs", runsOption),
    async ({ run, tags, runs }) => {
      const { findRun } = await import("../../../tracking/runStore.ts");
      const { changeRunNotes, readRunNotes } = await import("../../../tracking/runNotes.ts");
      const folder = findRun(runs, run);
      const { tags: before } = readRunNotes(folder);
      const after =
        tags.length === 0 ? before : changeRunNotes(folder, changeTags(before, tags)).tags;
      terminal.print(`${folder}: ${after.length > 0 ? after.join(", ") : "no tags"}`);
    },
  );
};

function changeTags(before: readonly string[], words: readonly string[]): { tags: string[] } {
  const removed = words.filter((word) => word.startsWith("-")).map((word) => word.slice(1));
  const added = words.filter((word) => !word.startsWith("-"));
  return { tags: [...before.filter((each) => !removed.includes(each)), ...added] };
}
