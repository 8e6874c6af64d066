import { InputError } from "../../base/errors.ts";
import { checkCount } from "../checkCount.ts";
import { runsOption, type Command, type CommandContext } from "../command.ts";

const fileOption = {
  type: "string",
  demandOption: true,
  describe: "YAML file of sweeps/",
} as const;

const journalOption = {
  type: "string",
  describe:
    "PostgreSQL database for the journal, such as postgres://user@host/database; SEEDBED_JOURNAL may have it with its password",
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
        .option("journal", journalOption)
        .option("runs", runsOption),
    async ({ file, dryRun, parallel, launcher, count, join, journal, runs }) => {
      const options = { file, dryRun, parallel, launcher, count, join, journal, runs };
      await runCommand(options, context);
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
  readonly journal: string | undefined;
  readonly runs: string;
}

async function runCommand(
  { file, dryRun, parallel, launcher, count, join, journal, runs }: RunArguments,
  context: CommandContext,
): Promise<void> {
  checkCount("Cannot run the sweep", "--parallel", parallel);
  checkCount("Cannot run the sweep", "--count", count);
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
    if (journal !== undefined) throw noJournalForJobs(plan.spec.name);
    const { writeJobs } = await import("../sweeps/writeJobs.ts");
    return writeJobs(plan, chosen, options);
  }
  const { startSweep } = await import("../sweeps/startSweep.ts");
  const atOnce = parallel === undefined ? {} : { parallel };
  await startSweep(plan, { ...options, ...atOnce, joins: join, journal, launcher: chosen });
}

const noJournalForJobs = (name: string): InputError =>
  new InputError(
    `Cannot write jobs for sweep ${name} with --journal: they share the volume of their runs, and no process keeps a journal; leave it out`,
  );

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
          .option("journal", journalOption)
          .option("runs", runsOption),
      async ({ file, finish, journal, runs: runsFolder }) => {
        const { controlSweep } = await import("../sweeps/controlSweep.ts");
        const options = { runsFolder, wish: { wish, finish }, journal };
        terminal.print(await controlSweep(file, options));
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
        .option("journal", journalOption)
        .option("runs", runsOption),
    async ({ file, values, journal, runs: runsFolder }) => {
      const { loadSweep } = await import("../sweeps/loadSweep.ts");
      const { addTrial } = await import("../sweeps/addTrial.ts");
      const { warn } = terminal;
      const plan = await loadSweep(file, warn, { runsFolder, checksTrials: false });
      const options = { file, runsFolder, words: values, journal, warn };
      terminal.print(await addTrial(plan, options));
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
        .option("journal", journalOption)
        .option("runs", runsOption),
    async ({ file, metrics, by, trials, format, out, count, journal, runs }) => {
      checkCount("Cannot report", "--count", count);
      const { checkReportOptions } = await import("../sweeps/checkReportOptions.ts");
      const { loadSweep } = await import("../sweeps/loadSweep.ts");
      const written = checkReportOptions({ format, out, by, trials });
      const plan = await loadSweep(file, () => {}, { runsFolder: runs });
      const { openSweep } = await import("../sweeps/openSweep.ts");
      const place = { runsFolder: runs, journal, warn: terminal.warn };
      const { server, folder } = await openSweep(plan, { ...place, starts: false });
      await server?.close();
      const limit = count === undefined ? {} : { count };
      const shared = { folder, metrics: words(metrics), ...limit };
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
