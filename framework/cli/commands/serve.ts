import type { Command } from "../command.ts";

/** `seedbed serve` */
export const serve: Command = (program, context) => {
  program.command(
    "serve [models..]",
    "Answer as OpenAI's API does, with language models",
    (args) =>
      args
        .positional("models", {
          type: "string",
          array: true,
          default: ["models/nano"],
          describe: "Folders of models, each also as NAME=FOLDER",
        })
        .option("port", { type: "number", default: 8000, describe: "Port to listen on; 0: any" })
        .option("host", {
          type: "string",
          default: "127.0.0.1",
          describe: "Address of this machine to listen on",
        })
        .option("rows", { type: "number", default: 16, describe: "Answers at a time" }),
    async ({ models, port, host, rows }) => {
      const { serveModels } = await import("../serveModels.ts");
      await serveModels({ models, port, host, rows }, context);
    },
  );
};
