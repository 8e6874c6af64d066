import { jsonLinesLogger } from "./loggers/jsonLines.ts";
import { tensorBoardLogger } from "./loggers/tensorBoard.ts";
import { tolerantLogger } from "./loggers/tolerantLogger.ts";
import { wandbLogger, type WandbOptions } from "./loggers/wandb.ts";
import { readRecords } from "./metricsFile.ts";
import type { Parameters } from "./parameters.ts";
import type { Run } from "./run.ts";
import { wandbFiles, wandbRunInfo, type WandbSettings } from "./wandbDescription.ts";

export interface OpenLoggersOptions {
  /** The run's resolved settings. */
  parameters: Parameters;
  tensorBoard?: boolean;
  wandb?: boolean | WandbSettings;
  /** Takes one line for the person watching. */
  warn?: (message: string) => void;
  environment?: NodeJS.ProcessEnv;
}

/**
 * Opens a run's loggers, puts them into `run.loggers` and gives them the settings. The JSON lines
 * are always among them and come first; the others may fail without ending the run. In a run that
 * was taken up again they go on after the step it was opened with.
 */
export async function openLoggers(run: Run, options: OpenLoggersOptions): Promise<void> {
  const { parameters, tensorBoard = true, wandb = true, warn = console.warn } = options;
  const { folder } = run;
  const resume = resumeOf(run);
  run.loggers.push(jsonLinesLogger({ folder, ...resume }));
  if (tensorBoard) {
    run.loggers.push(tolerantLogger(tensorBoardLogger({ folder, ...resume, warn }), warn));
  }
  if (wandb !== false) {
    const settings = wandb === true ? {} : wandb;
    run.loggers.push(tolerantLogger(wandbLogger(wandbOptions(run, settings, options)), warn));
  }
  await run.logHyperparameters(parameters);
}

/** Empty in a run's first process; step -1, before all steps, when a later one starts over. */
function resumeOf({ manifest }: Run): { resumeStep?: number } {
  const resume = manifest.resumes.at(-1);
  return resume ? { resumeStep: resume.step ?? -1 } : {};
}

function wandbOptions(
  run: Run,
  settings: WandbSettings,
  options: OpenLoggersOptions,
): WandbOptions {
  const { warn = console.warn, environment = process.env } = options;
  const { resumeStep } = resumeOf(run);
  return {
    folder: run.folder,
    info: wandbRunInfo(run.manifest, settings, options.parameters, environment),
    files: wandbFiles(run.folder, run.manifest),
    ...(resumeStep === undefined
      ? {}
      : { resume: { step: resumeStep, records: readRecords(run.folder) } }),
    warn,
    environment,
  };
}
