import { runsOption, type Command } from "../command.ts";
import { reportFormatOption } from "../reporting/reportFormatOption.ts";

/** `seedbed evaluate RUN...` */
export const evaluate: Command = (program, context) => {
  program.command(
    "evaluate <run..>",
    "Compare what runs have learnt, in a report",
    (args) =>
      args
        .positional("run", {
          type: "string",
          array: true,
          demandOption: true,
          describe:
            "Folder of a run, its id, or the beginning of its id; several of one experiment",
        })
        .option("out", {
          type: "string",
          describe: "Folder to write [RUN/evaluation; of several runs: evaluation]",
        })
        .option("samples", { type: "number", describe: "Pictures for each number [the run's own]" })
        .option("seed", { type: "number", describe: "Of the first picture [the run's own]" })
        .option("prompt", {
          type: "string",
          array: true,
          nargs: 1,
          describe: "One more to show; may be given several times [the run's own]",
        })
        .option("prompts", { type: "string", describe: "File with such a prompt in each line" })
        .option("checkpoint", {
          type: "string",
          describe: "last, best, a name, or model: what the run exported. Default: last",
        })
        .option("weights", {
          choices: ["ema", "raw"] as const,
          describe: "Averaged or last weights; default: a run's average, if it kept one",
        })
        .option("clip", {
          type: "string",
          describe: "A CLIP for CLIP-I and CLIP-T, a folder or hf:owner/name [the run's own]",
        })
        .option("format", reportFormatOption)
        .option("runs", runsOption),
    async ({ run, runs: runsFolder, ...options }) => {
      const { evaluateRuns } = await import("../evaluating/evaluateRuns.ts");
      await evaluateRuns(run, { ...options, runsFolder }, context);
    },
  );
};
