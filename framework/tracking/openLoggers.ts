import { InputError } from "../base/errors.ts";
import type { Logger } from "./logger.ts";
import { consoleLogger, type ConsoleOptions } from "./loggers/console.ts";
import { csvLogger } from "./loggers/csv.ts";
import { gatheringLogger } from "./loggers/gatheringLogger.ts";
import { jsonLinesLogger } from "./loggers/jsonLines.ts";
import { mlflowLogger } from "./loggers/mlflow.ts";
import { resumedLogger } from "./loggers/resumedLogger.ts";
import { tensorBoardLogger } from "./loggers/tensorBoard.ts";
import { tolerantLogger } from "./loggers/tolerantLogger.ts";
import { wandbLogger, type WandbOptions } from "./loggers/wandb.ts";
import { readRecords, type RunRecord } from "./metricsFile.ts";
import { mlflowPlace, type MlflowSettings } from "./mlflow/description.ts";
import type { Parameters } from "./parameters.ts";
import { redactParameters } from "./redactSecrets.ts";
import type { Run } from "./run.ts";
import { wandbFiles, wandbRunInfo, type WandbSettings } from "./wandb/description.ts";
import type { ResumedFrom } from "./wandb/earlierFolders.ts";

/** How often the console gets a line. */
export type ConsoleSettings = Pick<ConsoleOptions, "everySteps" | "everySeconds">;

export interface OpenLoggersOptions {
  /** The run's resolved settings. */
  parameters: Parameters;
  tensorBoard?: boolean;
  wandb?: boolean | WandbSettings;
  csv?: boolean;
  mlflow?: boolean | MlflowSettings;
  console?: boolean | ConsoleSettings;
  /** Takes a line of what was asked for. */
  print?: (line: string) => void;
  /** Takes one line for the person watching. */
  warn?: (message: string) => void;
  environment?: NodeJS.ProcessEnv;
}

/**
 * Opens a run's loggers, puts them into `run.loggers` and gives them the settings. The JSON lines
 * are always among them and come first; the others may fail without ending the run. None of them is
 * given a secret. In a run that
 * was taken up again they go on after the step it was opened with.
 */
export async function openLoggers(run: Run, given: OpenLoggersOptions): Promise<void> {
  const { warn = console.warn, environment = process.env } = given;
  const parameters = redactParameters(given.parameters, environment);
  const options = { ...given, parameters };
  const { resumeStep } = resumeOf(run);
  const record = jsonLinesLogger({ folder: run.folder, ...resumeOf(run) });
  const loggers = [gatheringLogger(record, { longestWaitMs: 250, firstAtOnce: true })];
  const records = resumeStep === undefined ? [] : readRecords(run.folder); // as they were kept
  for (const [name, open] of Object.entries(chosenLoggers(run, options, records))) {
    if (open) loggers.push(...openTolerantly(name, open, warn));
  }
  run.loggers.push(
    ...loggers.map((logger) =>
      resumeStep === undefined ? logger : resumedLogger(logger, records, resumeStep),
    ),
  );
  await run.logHyperparameters(parameters);
}

/** The run goes on without one that cannot be opened, unless what was asked for is wrong. */
function openTolerantly(
  name: string,
  open: () => Logger,
  warn: (message: string) => void,
): Logger[] {
  try {
    return [tolerantLogger(open(), warn)];
  } catch (error) {
    if (error instanceof InputError) throw error;
    warn(`Cannot open logger ${name}: ${String(error)}; metrics.jsonl goes on`);
    return [];
  }
}

/** What opens each logger that the options ask for. */
function chosenLoggers(
  run: Run,
  options: OpenLoggersOptions,
  records: readonly RunRecord[],
): Record<string, false | (() => Logger)> {
  const { folder } = run;
  const { tensorBoard = true, wandb = true, csv = false, mlflow = false } = options;
  const { print = console.log, warn = console.warn } = options;
  const lines = options.console ?? false;
  const settings = <Settings extends object>(chosen: true | Settings): Partial<Settings> =>
    chosen === true ? {} : chosen;
  return {
    tensorBoard:
      tensorBoard &&
      (() => gatheringLogger(tensorBoardLogger({ folder, ...resumed(run, records), warn }))),
    wandb:
      wandb &&
      (() => gatheringLogger(wandbLogger(wandbOptions(run, settings(wandb), options, records)))),
    csv: csv && (() => csvLogger({ folder, records })),
    mlflow: mlflow && (() => mlflowLogger({ ...mlflowPlace(run, settings(mlflow)), records })),
    console: lines && (() => consoleLogger({ print, ...settings(lines) })),
  };
}

/** Empty in a run's first process; step -1, before all steps, when a later one starts over. */
function resumeOf({ manifest }: Run): { resumeStep?: number } {
  const resume = manifest.resumes.at(-1);
  return resume ? { resumeStep: resume.step ?? -1 } : {};
}

/** The same, with what was logged up to that step. */
function resumed(run: Run, records: readonly RunRecord[]): { resume?: ResumedFrom } {
  const { resumeStep } = resumeOf(run);
  return resumeStep === undefined ? {} : { resume: { step: resumeStep, records } };
}

function wandbOptions(
  run: Run,
  settings: WandbSettings,
  options: OpenLoggersOptions,
  records: readonly RunRecord[],
): WandbOptions {
  const { warn = console.warn, environment = process.env } = options;
  return {
    folder: run.folder,
    info: wandbRunInfo(run.manifest, settings, options.parameters, environment),
    files: wandbFiles(run.folder, run.manifest),
    ...resumed(run, records),
    warn,
    environment,
  };
}
