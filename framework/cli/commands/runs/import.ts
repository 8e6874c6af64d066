import { runsOption, type Command } from "../../command.ts";

/** `seedbed runs import tensorboard DIR` */
export const importCommand: Command = (program, { terminal, args: words }) => {
  program.command(
    "import <format> <folder>",
    "Make runs from those that TensorBoard's or W&B's users left: settings, scalars, results, notes",
    (args) =>
      args
        .positional("format", {
          choices: ["tensorboard", "wandb"],
          demandOption: true,
          describe: "Whose files they are",
        } as const)
        .positional("folder", {
          type: "string",
          demandOption: true,
          describe: "Folder with event files, or with folders offline-run-…, at any depth to four",
        })
        .option("name", { type: "string", describe: "Name of all of them, instead of their own" })
        .option("runs", runsOption),
    async ({ format, folder, name, runs }) => {
      const { importRuns } = await import("../../../store/importRuns.ts");
      const command = ["seedbed", ...words];
      const imported = await importRuns({ format, from: folder, runsFolder: runs, name, command });
      for (const { from, folder: made, wasThere } of imported)
        terminal.print(
          wasThere ? `${made} is there already: left alone` : `${from} is now ${made}`,
        );
    },
  );
};
