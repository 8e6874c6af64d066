import type { Command } from "../command.ts";
import * as subcommands from "./runs/index.ts";

/** `seedbed runs`, `seedbed runs tag RUN TAG`, ... */
export const runs: Command = (program, context) => {
  program.command(
    "runs",
    "List runs, and say what they are",
    (args) => {
      for (const subcommand of Object.values(subcommands)) subcommand(args, context);
      return args.demandCommand(0);
    },
    () => {},
  );
};
