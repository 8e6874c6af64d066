import { runsOption, type Command } from "../command.ts";

/** `seedbed export SOURCE OUT` */
export const exportCommand: Command = (program, { terminal }) => {
  program.command(
    "export <source> <out>",
    "Write a run's checkpoint or a model for other programs",
    (args) =>
      args
        .positional("source", {
          type: "string",
          demandOption: true,
          describe: "A run, a pipeline folder, a .ckpt or .safetensors, or hf:owner/name",
        })
        .positional("out", { type: "string", demandOption: true, describe: "Where to write" })
        .option("format", {
          choices: ["diffusers", "single-file", "onnx", "adapters"] as const,
          describe: "Default: single-file if OUT ends in .safetensors, otherwise diffusers",
        })
        .option("dtype", { choices: ["float32", "float16"] as const, default: "float32" as const })
        .option("weights", {
          choices: ["ema", "raw"] as const,
          describe: "Averaged or last weights; default: a run's average, if it kept one",
        })
        .option("checkpoint", {
          type: "string",
          describe: "Of a run: last, best or a name. Default: last",
        })
        .option("lora", {
          type: "string",
          array: true,
          requiresArg: true,
          default: [] as string[],
          describe: "FILE or FILE:scale to merge into the weights; may be repeated",
        })
        .option("settings", {
          type: "string",
          describe: "For a single file: folder with its tokenizer and settings",
        })
        .option("variant", { type: "string", describe: "Which published weights, such as fp16" })
        .option("force", { type: "boolean", default: false, describe: "Replace an earlier export" })
        .option("runs", runsOption),
    async ({ source, out, runs: runsFolder, ...options }) => {
      const { exportModel } = await import("../exporting/exportModel.ts");
      await exportModel(source, out, { ...options, runsFolder, terminal });
    },
  );
};
