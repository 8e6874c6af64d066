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
        .option("lifeline", {
          choices: ["channel", "input"] as const,
          describe: "Stop when this ends: Node's channel to the parent process, or standard input",
        }),
    async ({ folder, threads, memory, lifeline }) => {
      if (lifeline !== undefined) {
        const { stopWithLauncher } = await import("../../launch/stopWithLauncher.ts");
        stopWithLauncher(lifeline);
      }
      const { runTrial } = await import("../runTrial.ts");
      await runTrial(folder, { threads, memoryMb: memory }, context);
    },
  );
};
