import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { InputError } from "../base/errors.ts";
import { isRecord } from "../tracking/parameters.ts";
import { manifestPath, type RunSweep } from "../tracking/runManifest.ts";

const fileName = "trial.json";
const specName = "spec.yaml";

/** How far a trial is carried out before it pauses, where it does. */
export interface TrialStage {
  /** Optimizer steps of the whole run. */
  readonly untilStep?: number;
  /** Whether its parameters may change on the way, so that they are logged as curves. */
  readonly logsParameters?: boolean;
}

/**
 * Writes what a process needs to carry a trial out: the run's part in its sweep, and its spec. A
 * run that has begun keeps the spec that it began with.
 *
 * @param folder of the trial's run; made where there is none
 */
export function writeTrialFiles(
  folder: string,
  sweep: RunSweep,
  specYaml: string,
  stage: TrialStage = {},
): void {
  if (!existsSync(manifestPath(folder))) writeFileAtomic(path.join(folder, specName), specYaml);
  const content = { ...sweep, ...stage };
  writeFileAtomic(path.join(folder, fileName), `${JSON.stringify(content, null, 2)}\n`);
}

export interface TrialFile {
  readonly sweep: RunSweep;
  readonly stage: TrialStage;
  readonly specFile: string;
}

/** @throws {InputError} when no sweep has put a trial there */
export function readTrialFile(folder: string): TrialFile {
  const file = path.join(folder, fileName);
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (isRunSweep(value)) return trialFile(value, path.join(folder, specName));
  } catch (cause) {
    throw new InputError(`Cannot carry out trial ${folder}: expected a readable ${fileName}`, {
      cause,
    });
  }
  throw new InputError(`Cannot read ${file}: expected a run's part in a sweep`);
}

function trialFile(
  { untilStep, logsParameters, ...sweep }: StagedSweep,
  specFile: string,
): TrialFile {
  const stage: TrialStage = {
    ...(untilStep !== undefined && { untilStep }),
    ...(logsParameters !== undefined && { logsParameters }),
  };
  return { sweep, stage, specFile };
}

type StagedSweep = RunSweep & TrialStage;

function isRunSweep(value: unknown): value is StagedSweep {
  return (
    isRecord(value) &&
    ["id", "name", "group"].every((key) => typeof value[key] === "string") &&
    typeof value["trial"] === "number" &&
    isRecord(value["parameters"]) &&
    ["undefined", "number"].includes(typeof value["untilStep"]) &&
    ["undefined", "boolean"].includes(typeof value["logsParameters"])
  );
}
