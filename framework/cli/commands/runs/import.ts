import { runsOption, type Command } from "../../command.ts";

/** `seedbed runs import tensorboard DIR` */
export const importCommand: Command = (program, { terminal, args: words }) => {
  program.command(
    "import <format> <folder>",
    "Make runs from those that other programs left: settings, all that was logged, results, notes, files",
    (args) =>
      args
        .positional("format", {
          choices: ["tensorboard", "wandb", "mlflow"],
          demandOption: true,
          describe: "Whose files they are",
        } as const)
        .positional("folder", {
          type: "string",
          demandOption: true,
          describe:
            "Folder with event files, folders offline-run-…, or MLflow's experiments, at any depth to four",
        })
        .option("name", { type: "string", describe: "Name of all of them, instead of their own" })
        .option("runs", runsOption),
    async ({ format, folder, name, runs }) => {
      const { importRuns } = await import("../../../store/foreign/importRuns.ts");
      const command = ["seedbed", ...words];
      const imported = await importRuns({ format, from: folder, runsFolder: runs, name, command });
      for (const { from, folder: made, wasThere, problems } of imported) {
        terminal.print(
          wasThere ? `${made} is there already: left alone` : `${from} is now ${made}`,
        );
        for (const problem of problems) terminal.warn(`${made}: ${problem}`);
      }
    },
  );
};
