import { runsOption, type Command } from "../command.ts";

/** `seedbed wandb sync RUN...` */
export const wandb: Command = (program, context) => {
  program.command(
    "wandb",
    "Upload runs to Weights & Biases",
    (args) => {
      addSync(args, context);
      return args.demandCommand(1, "expected what to do, such as sync, got nothing");
    },
    () => {},
  );
};

const addSync: Command = (program, { terminal }) => {
  program.command(
    "sync <run..>",
    "Upload what is not at W&B yet; may be repeated, sends nothing twice",
    (args) =>
      args
        .positional("run", {
          type: "string",
          array: true,
          demandOption: true,
          describe: "Folders or ids of runs, or folders offline-run-… of any program",
        })
        .option("include-synced", {
          type: "boolean",
          default: false,
          describe: "Also what W&B has already; it takes the same places there",
        })
        .option("dry-run", {
          type: "boolean",
          default: false,
          describe: "Print what would be uploaded, and stop",
        })
        .option("project", { type: "string", describe: "In the place of what the run says" })
        .option("entity", { type: "string", describe: "User or team, likewise" })
        .option("runs", runsOption),
    async ({ run, runs: runsFolder, dryRun, includeSynced, project, entity }) => {
      const { syncWandb } = await import("../uploading/syncWandb.ts");
      await syncWandb({
        references: run,
        runsFolder,
        terminal,
        dryRun,
        includeSynced,
        project,
        entity,
      });
    },
  );
};
