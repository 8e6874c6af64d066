import { singleProcess } from "../../distributed/world.ts";
import { runsOption, type Command } from "../command.ts";

/** `seedbed reproduce RUN` */
export const reproduce: Command = (program, context) => {
  program.command(
    "reproduce <run>",
    "Carry a run out again and say whether it comes out the same, to the last bit",
    (args) =>
      args
        .positional("run", {
          type: "string",
          demandOption: true,
          describe: "Folder of the run, its id, or the beginning of its id",
        })
        .option("runs", runsOption),
    async ({ run, runs }) => {
      const { reproduceRun } = await import("../comparing/reproduceRun.ts");
      const own = { ...context, world: singleProcess, threads: undefined };
      await reproduceRun(run, { runsFolder: runs, context: own });
    },
  );
};
