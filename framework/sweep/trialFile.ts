import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { InputError } from "../base/errors.ts";
import { isRecord } from "../tracking/parameters.ts";
import { manifestPath, type RunSweep } from "../tracking/runManifest.ts";

const fileName = "trial.json";
const specName = "spec.yaml";

/**
 * Writes what a process needs to carry a trial out: the run's part in its sweep, and its spec. A
 * run that has begun keeps the spec that it began with.
 *
 * @param folder of the trial's run; made where there is none
 */
export function writeTrialFiles(folder: string, sweep: RunSweep, specYaml: string): void {
  if (existsSync(manifestPath(folder))) return;
  writeFileAtomic(path.join(folder, specName), specYaml);
  writeFileAtomic(path.join(folder, fileName), `${JSON.stringify(sweep, null, 2)}\n`);
}

/** @throws {InputError} when no sweep has put a trial there */
export function readTrialFile(folder: string): { sweep: RunSweep; specFile: string } {
  const file = path.join(folder, fileName);
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (isRunSweep(value)) return { sweep: value, specFile: path.join(folder, specName) };
  } catch (cause) {
    throw new InputError(`Cannot carry out trial ${folder}: expected a readable ${fileName}`, {
      cause,
    });
  }
  throw new InputError(`Cannot read ${file}: expected a run's part in a sweep`);
}

function isRunSweep(value: unknown): value is RunSweep {
  return (
    isRecord(value) &&
    ["id", "name", "group"].every((key) => typeof value[key] === "string") &&
    typeof value["trial"] === "number" &&
    isRecord(value["parameters"])
  );
}
