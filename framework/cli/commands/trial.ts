import type { Command } from "../command.ts";

/** `seedbed trial FOLDER` */
export const trial: Command = (program, context) => {
  program.command(
    "trial <folder>",
    "Carry out, or go on with, one trial of a sweep; `seedbed sweep` calls this",
    (args) =>
      args
        .positional("folder", {
          type: "string",
          demandOption: true,
          describe: "Folder that the sweep has made for the trial",
        })
        .option("threads", { type: "number", describe: "Threads, where the spec does not say" })
        .option("memory", { type: "number", describe: "At most so many MB of memory" })
        .option("attached", {
          type: "boolean",
          default: false,
          describe: "Stop when the process that started this one is gone",
        }),
    async ({ folder, threads, memory, attached }) => {
      if (attached) {
        const { stopWithLauncher } = await import("../../launch/localLauncher.ts");
        stopWithLauncher();
      }
      const { runTrial } = await import("../runTrial.ts");
      await runTrial(folder, { threads, memoryMb: memory }, context);
    },
  );
};
