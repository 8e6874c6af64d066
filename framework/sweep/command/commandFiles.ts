import { readFileSync } from "node:fs";
import path from "node:path";

import { stringify } from "yaml";

import { writeFileAtomic } from "../../base/atomicFile.ts";
import { InputError } from "../../base/errors.ts";
import { toPlain, type SpecMapping } from "../../spec/specNode.ts";
import type { SweepCommand } from "../../spec/sweepCommand.ts";
import { isRecord } from "../../tracking/parameters.ts";
import type { RunSweep } from "../../tracking/runManifest.ts";
import { writeTrialFiles } from "../trialFile.ts";
import { commandWords } from "./commandWords.ts";
import { pythonJson } from "./pythonText.ts";

/** A program that carries a trial out, as its folder keeps it. */
export interface CommandFile {
  /** Word by word. */
  readonly words: readonly string[];
  /** Where it is started: absolute path. */
  readonly directory: string;
  /** Set beside the environment of the sweep. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface CommandTrial {
  /** Of the trial's run: absolute path. */
  readonly folder: string;
  readonly sweep: RunSweep;
  readonly command: SweepCommand;
  readonly config: SpecMapping;
  /** Python's command. */
  readonly interpreter: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const fileName = "command.json";

/** Folder in a run's that is its program's own. */
export const programFolder = (runFolder: string): string => path.join(runFolder, "program");

/**
 * Writes what a process needs to carry out a trial whose program is no spec: what it sets as
 * `spec.yaml`, for W&B's client and as JSON, and the command.
 *
 * @throws {InputError} for an environment variable that the command asks for and that is not set
 */
export function writeCommandTrial(trial: CommandTrial): void {
  const { folder, sweep, command, config, interpreter, environment } = trial;
  const own = programFolder(folder);
  const runId = path.basename(folder);
  const jsonFile = path.join(own, "wandb", `sweep-${sweep.id}`, `config-${runId}.json`);
  const wandbFile = jsonFile.replace(/json$/, "yaml");
  const words = commandWords(command.words, {
    ...command,
    config,
    interpreter,
    jsonFile,
    environment,
  });
  writeFileAtomic(jsonFile, pythonJson(config));
  writeFileAtomic(wandbFile, wandbConfig(config));
  const file: CommandFile = {
    words,
    directory: command.directory,
    environment: {
      SEEDBED_RUN_FOLDER: own,
      WANDB_DIR: own,
      WANDB_MODE: "offline",
      WANDB_RUN_ID: runId,
      WANDB_SWEEP_ID: sweep.id,
      WANDB_SWEEP_PARAM_PATH: wandbFile,
    },
  };
  writeFileAtomic(path.join(folder, fileName), `${JSON.stringify(file, null, 2)}\n`);
  writeTrialFiles(folder, sweep, stringify(toPlain(config)));
}

/** What W&B's client reads as the run's `config`, in YAML 1.1 as Python reads it. */
function wandbConfig({ entries }: SpecMapping): string {
  const lines = [...entries].map(
    ([name, node]) => `${JSON.stringify(name)}: {"value": ${pythonJson(node)}}`,
  );
  return ["wandb_version: 1", "", ...lines, ""].join("\n");
}

/** Undefined for a trial that is an experiment. */
export function readCommandFile(folder: string): CommandFile | undefined {
  const file = path.join(folder, fileName);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new InputError(`Cannot read ${file}: expected JSON`, { cause });
  }
  if (isCommandFile(value)) return value;
  throw new InputError(`Cannot read ${file}: expected a trial's command`);
}

function isCommandFile(value: unknown): value is CommandFile {
  if (!isRecord(value)) return false;
  const { words, directory, environment } = value;
  const isWords = Array.isArray(words) && words.every((word) => typeof word === "string");
  const isEnvironment =
    isRecord(environment) && Object.values(environment).every((each) => typeof each === "string");
  return isWords && typeof directory === "string" && isEnvironment;
}
