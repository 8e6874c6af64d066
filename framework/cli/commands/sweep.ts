import { runsOption, type Command, type CommandContext } from "../command.ts";

const fileOption = {
  type: "string",
  demandOption: true,
  describe: "YAML file of sweeps/",
} as const;

/** `seedbed sweep FILE`, `seedbed sweep report FILE` */
export const sweep: Command = (program, context) => {
  program.command(
    "sweep",
    "Run the trials of a sweep, or report on them",
    (args) => {
      addRun(args, context);
      addReport(args, context);
      addControl(args, context);
      addAdd(args, context);
      return args.demandCommand(0);
    },
    () => {},
  );
};

const addRun: Command = (program, context) => {
  program.command(
    "$0 <file>",
    "Run the trials of a sweep that are not finished yet",
    (args) =>
      args
        .positional("file", fileOption)
        .option("dry-run", {
          type: "boolean",
          default: false,
          describe: "Print the trials, and stop",
        })
        .option("parallel", {
          type: "number",
          describe: "Trials that run at once; on this machine they share the processor's cores",
        })
        .option("launcher", {
          type: "string",
          describe:
            "What starts trials, in the place of the file's; its keys hold if it is the same",
        })
        .option("count", {
          type: "number",
          describe: "Look at the first so many trials alone",
        })
        .option("join", {
          type: "boolean",
          default: false,
          describe: "Share the trials with other processes that run the sweep, here or elsewhere",
        })
        .option("runs", runsOption),
    async ({ file, dryRun, parallel, launcher, count, join, runs }) => {
      await runCommand({ file, dryRun, parallel, launcher, count, join, runs }, context);
    },
  );
};

interface RunArguments {
  readonly file: string;
  readonly dryRun: boolean;
  readonly parallel: number | undefined;
  readonly launcher: string | undefined;
  readonly count: number | undefined;
  readonly join: boolean;
  readonly runs: string;
}

async function runCommand(
  { file, dryRun, parallel, launcher, count, join, runs }: RunArguments,
  context: CommandContext,
): Promise<void> {
  const { checkCount } = await import("../sweeps/checkCount.ts");
  if (parallel !== undefined) checkCount("--parallel", parallel);
  if (count !== undefined) checkCount("--count", count);
  const { loadSweep } = await import("../sweeps/loadSweep.ts");
  const plan = await loadSweep(file, context.terminal.warn, { runsFolder: runs, launcher });
  if (dryRun) {
    const { trialTable } = await import("../sweeps/trialTable.ts");
    for (const line of trialTable(plan, count)) context.terminal.print(line);
    return;
  }
  const chosen = plan.spec.launcher;
  const options = { file, runsFolder: runs, context, ...(count !== undefined && { count }) };
  if (chosen.name === "kubernetes") {
    const { writeJobs } = await import("../sweeps/writeJobs.ts");
    return writeJobs(plan, chosen, options);
  }
  const { startSweep } = await import("../sweeps/startSweep.ts");
  const atOnce = parallel === undefined ? {} : { parallel };
  await startSweep(plan, { ...options, ...atOnce, joins: join, launcher: chosen });
}

const wishes = {
  pause: ["pause", "Have the running trials of a sweep save their work, and start no others"],
  resume: ["run", "Go on with a sweep that is paused"],
  stop: ["stop", "Have a sweep's trials save their work, and its processes end"],
} as const;

/** `seedbed sweep pause FILE`, `resume`, `stop` */
const addControl: Command = (program, { terminal }) => {
  for (const [name, [wish, describe]] of Object.entries(wishes)) {
    program.command(
      `${name} <file>`,
      describe,
      (args) =>
        args
          .positional("file", fileOption)
          .option("finish", {
            type: "boolean",
            default: false,
            describe: "Let the running trials reach their end first",
          })
          .option("runs", runsOption),
      async ({ file, finish, runs }) => {
        const { controlSweep } = await import("../sweeps/controlSweep.ts");
        terminal.print(controlSweep(file, runs, { wish, finish }));
      },
    );
  }
};

/** `seedbed sweep add FILE key=value …` */
const addAdd: Command = (program, { terminal }) => {
  program.command(
    "add <file> <values..>",
    "Add a trial with some values of your own to a sweep, which may be running",
    (args) =>
      args
        .positional("file", fileOption)
        .positional("values", {
          type: "string",
          array: true,
          demandOption: true,
          describe: "parameter=value; what is not given is drawn",
        })
        .option("runs", runsOption),
    async ({ file, values, runs }) => {
      const { loadSweep } = await import("../sweeps/loadSweep.ts");
      const { addTrial } = await import("../sweeps/addTrial.ts");
      const options = { runsFolder: runs, checksTrials: false };
      const plan = await loadSweep(file, terminal.warn, options);
      terminal.print(await addTrial(plan, { file, runsFolder: runs, words: values }));
    },
  );
};

const addReport: Command = (program, { terminal }) => {
  program.command(
    "report <file>",
    "Compare a sweep's trials: means and deviations over seeds, the best first",
    (args) =>
      args
        .positional("file", fileOption)
        .option("metrics", {
          type: "string",
          default: "",
          describe: "Further metrics to show, separated by commas",
        })
        .option("by", {
          type: "string",
          default: "",
          describe: "Parameters to group by, separated by commas; means are over all others",
        })
        .option("trials", {
          type: "boolean",
          default: false,
          describe: "One line for each trial in the place of one for each point",
        })
        .option("format", {
          choices: ["text", "markdown", "csv", "html"] as const,
          default: "text" as const,
          describe: "Of the table; with --out, markdown and html are whole reports with plots",
        })
        .option("out", {
          type: "string",
          describe: "Where a report goes: a folder for markdown, a file for html",
        })
        .option("count", { type: "number", describe: "Of the first so many trials alone" })
        .option("runs", runsOption),
    async ({ file, metrics, by, trials, format, out, count, runs }) => {
      const { checkReportOptions } = await import("../sweeps/checkReportOptions.ts");
      const { loadSweep } = await import("../sweeps/loadSweep.ts");
      const written = checkReportOptions({ format, out, by, trials });
      const plan = await loadSweep(file, () => {}, { runsFolder: runs });
      const limit = count === undefined ? {} : { count };
      const shared = { runsFolder: runs, metrics: words(metrics), ...limit };
      if (written) {
        const { writeSweepReport } = await import("../sweeps/writeSweepReport.ts");
        terminal.print(await writeSweepReport(plan, { file, ...shared, ...written }));
      } else {
        const { reportSweep } = await import("../sweeps/reportSweep.ts");
        const lines = reportSweep(plan, {
          ...shared,
          by: words(by),
          trials,
          format: format === "html" ? "text" : format,
        });
        for (const line of lines) terminal.print(line);
      }
    },
  );
};

const words = (text: string): string[] => text.split(",").filter((word) => word !== "");
