import type { Command } from "../command.ts";

/** `seedbed merge-embeddings FILE... --out FILE` */
export const mergeEmbeddings: Command = (program, { terminal }) => {
  program.command(
    "merge-embeddings <embedding..>",
    "Put learned tokens of several files into one",
    (args) =>
      args
        .positional("embedding", {
          type: "string",
          array: true,
          demandOption: true,
          describe: "FILE, or TOKEN=FILE to give the token of a file of one another name",
        })
        .option("out", {
          type: "string",
          demandOption: true,
          describe: "The .safetensors to write",
        })
        .option("force", { type: "boolean", default: false, describe: "Replace an earlier file" }),
    async ({ embedding, out, force }) => {
      const { writeMergedEmbeddings } = await import("../exporting/writeMergedEmbeddings.ts");
      for (const line of writeMergedEmbeddings(embedding, { out, force })) terminal.print(line);
    },
  );
};
