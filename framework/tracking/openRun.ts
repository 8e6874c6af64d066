import { existsSync } from "node:fs";
import path from "node:path";

import { removeTemporaryFiles } from "../base/atomicFile.ts";
import { InputError } from "../base/errors.ts";
import { writeGitPatch } from "./gitPatch.ts";
import { redactCommand } from "./redactSecrets.ts";
import { Run } from "./run.ts";
import { describeEnvironment } from "./runEnvironment.ts";
import { lockRun } from "./runLock.ts";
import { manifestPath, readManifest, writeManifest, type RunManifest } from "./runManifest.ts";

export interface OpenRunOptions {
  /** Optimizer step of the checkpoint to continue from; absent to start over. */
  resumeStep?: number;
  command?: readonly string[];
}

/**
 * Takes up a run whose process has ended.
 *
 * @throws {InputError} when the folder is no run's, or is in use
 */
export function openRun(
  folder: string,
  { resumeStep, command = process.argv }: OpenRunOptions = {},
): Run {
  if (!existsSync(folder)) throw new InputError(`Cannot open run ${folder}: no such folder`);
  readManifest(folder);
  const unlock = lockRun(folder, manifestPath(folder));
  try {
    removeTemporaryFiles(folder);
    const { endedAt: _, exitCode: __, ...earlier } = readManifest(folder); // again: now it is ours
    const startedAt = new Date().toISOString();
    const resume = {
      ...(resumeStep === undefined ? {} : { step: resumeStep }),
      command: redactCommand(command),
      startedAt,
      ...describeEnvironment(process.cwd()),
    };
    const manifest: RunManifest = {
      ...earlier,
      status: "running",
      heartbeatAt: startedAt,
      resumes: [...earlier.resumes, resume],
    };
    writeGitPatch(path.join(folder, `git.${manifest.resumes.length}.patch`), resume);
    writeManifest(folder, manifest);
    return new Run({ folder, manifest, unlock });
  } catch (error) {
    unlock();
    throw error;
  }
}
