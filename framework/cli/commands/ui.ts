import type { Command } from "../command.ts";

/** `seedbed ui` */
export const ui: Command = (program, context) => {
  program.command(
    "ui",
    "Show runs in the browser",
    (args) =>
      args
        .option("runs", {
          type: "string",
          array: true,
          default: ["runs"],
          describe: "Folders that hold runs",
        })
        .option("port", {
          type: "number",
          describe: "Port to listen on; without it 4600, or the next one that is free",
        })
        .option("host", {
          type: "string",
          default: "127.0.0.1",
          describe: "Address to listen on; others than this machine need the token that is printed",
        })
        .option("open", { type: "boolean", default: false, describe: "Open the browser" })
        .option("allow-actions", {
          type: "boolean",
          default: false,
          describe:
            "Let the page start, stop, resume and delete runs, with the token that is printed",
        }),
    async ({ runs, port, host, open, allowActions }) => {
      const { serveDashboard } = await import("../serveDashboard.ts");
      await serveDashboard({ folders: runs, port, host, open, allowActions }, context);
    },
  );
};
