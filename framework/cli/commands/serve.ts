import type { Command } from "../command.ts";
import { keyFileOption, serveKeys } from "./serve/keys.ts";

/** `seedbed serve`, `seedbed serve keys add NAME`, ... */
export const serve: Command = (program, context) => {
  program.command(
    "serve [models..]",
    "Answer as OpenAI's API does, with language models",
    (args) => {
      serveKeys(args, context);
      return args
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
          describe: "Address to listen on; others than this machine's own need keys",
        })
        .option("keys", keyFileOption)
        .option("rows", { type: "number", default: 16, describe: "Answers at a time" })
        .option("streaming", {
          type: "boolean",
          default: false,
          describe: "See first and last tokens of texts that are longer than models' windows",
        })
        .option("responses", {
          type: "string",
          default: ".seedbed/responses",
          describe: 'Folder where responses are kept; "": nowhere',
        })
        .option("allowPrivatePictures", {
          type: "boolean",
          default: false,
          describe: "Fetch pictures from private networks and this machine, too",
        })
        .options(routingOptions);
    },
    async ({
      models,
      port,
      host,
      rows,
      keys,
      prices,
      router,
      auto,
      budget,
      logDir,
      log,
      logMessages,
      responses,
      streaming,
      allowPrivatePictures,
    }) => {
      const { serveModels } = await import("../serving/serveModels.ts");
      const routing = { prices, router, auto, budget };
      const logging = { logDir, isLogged: log, hasMessages: logMessages };
      await serveModels(
        {
          models,
          port,
          host,
          rows,
          keyFile: keys,
          routing,
          logging,
          responses,
          streaming,
          allowPrivatePictures,
        },
        context,
      );
    },
  );
};

const text = { type: "string" } as const;
const routingOptions = {
  prices: { ...text, describe: "File of the models' prices, such as configs/serve/prices.yaml" },
  router: { ...text, describe: "Folder of a router that was trained" },
  auto: {
    ...text,
    describe: "Router that answers as `auto`, also with its threshold, such as cascade-0.3",
  },
  budget: {
    ...text,
    describe: "Dollars after which the cheapest model alone answers, such as 0.50/day or 2/hour",
  },
  logDir: { ...text, default: "runs", describe: "Folder of runs; what is answered is one of them" },
  log: { type: "boolean", default: true, describe: "Keep what is answered, without its words" },
  logMessages: { type: "boolean", default: false, describe: "Keep what is asked, too" },
} as const;
