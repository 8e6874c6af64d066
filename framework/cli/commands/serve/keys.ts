import type { Command } from "../../command.ts";

/** Where keys are kept. */
export const keyFileOption = {
  type: "string",
  describe:
    "File of keys: where there is one, each request needs one of its keys [serve-keys.json]",
} as const;

const nameOption = { type: "string", demandOption: true, describe: "Who the key is for" } as const;
const perMinute = { type: "number", describe: "Most that the key may take" } as const;

/** `seedbed serve keys add NAME`, `... list`, `... remove NAME` */
export const serveKeys: Command = (program, context) => {
  program.command(
    "keys",
    "Make keys for those who may ask, and take them back",
    (args) =>
      args
        .command(
          "add <name>",
          "Make a key, which is shown this once",
          (add) =>
            add
              .positional("name", nameOption)
              .option("requests-per-minute", perMinute)
              .option("tokens-per-minute", { ...perMinute, describe: "Of prompts and answers" })
              .option("keys", keyFileOption),
          async ({ name, requestsPerMinute, tokensPerMinute, keys }) => {
            const { addServeKey } = await import("../../serving/serveKeys.ts");
            addServeKey({ name, requestsPerMinute, tokensPerMinute, file: keys }, context.terminal);
          },
        )
        .command(
          "list",
          "Say whom there are keys for",
          (list) => list.option("keys", keyFileOption),
          async ({ keys }) => {
            const { listServeKeys } = await import("../../serving/serveKeys.ts");
            listServeKeys(keys, context.terminal);
          },
        )
        .command(
          "remove <name>",
          "Take a key back",
          (remove) => remove.positional("name", nameOption).option("keys", keyFileOption),
          async ({ name, keys }) => {
            const { removeServeKey } = await import("../../serving/serveKeys.ts");
            removeServeKey(name, keys, context.terminal);
          },
        )
        .demandCommand(1),
    () => {},
  );
};
