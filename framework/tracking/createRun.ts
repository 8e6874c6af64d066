import { randomInt } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";

import { removeTemporaryFiles, writeFileAtomic } from "../base/atomicFile.ts";
import { InputError } from "../base/errors.ts";
import { writeGitPatch } from "./gitPatch.ts";
import { hashParameters, type Parameters } from "./parameters.ts";
import { redactCommand, redactSecrets } from "./redactSecrets.ts";
import { Run } from "./run.ts";
import { describeEnvironment } from "./runEnvironment.ts";
import { lockRun } from "./runLock.ts";
import { manifestPath, writeManifest, type RunManifest, type RunSweep } from "./runManifest.ts";

export interface CreateRunOptions {
  /** Folder of all runs. */
  root?: string;
  /** Of the experiment; runs of one name lie in one folder. */
  name: string;
  seed: number;
  /** Resolved settings, for hashing. */
  spec: Parameters;
  /** The same as YAML text, kept as `spec.yaml`. */
  specYaml: string;
  /** What was typed to start the run, word by word. */
  command: readonly string[];
  /** Folder in which to make the run's own; `<root>/<name>` when absent. */
  parentDirectory?: string;
  /** Name of the run's folder, in which no run may be yet; a random one when absent. */
  id?: string;
  sweep?: RunSweep;
  /** How often the manifest says that the run lives. */
  heartbeatSeconds?: number;
}

/** Makes `<root>/<name>/<id>/` with `spec.yaml` and `manifest.json`, and holds it. */
export function createRun(options: CreateRunOptions): Run {
  const { root = "runs", name, seed, spec } = options;
  checkName(name);
  const { parentDirectory = path.join(root, name) } = options;
  const specYaml = redactSecrets(options.specYaml);
  const [id, folder] = makeFolder(parentDirectory, options.id);
  const unlock = lockRun(folder, manifestPath(folder));
  removeTemporaryFiles(folder);
  writeFileAtomic(path.join(folder, "spec.yaml"), specYaml);
  const now = new Date().toISOString();
  const environment = describeEnvironment(process.cwd());
  const manifest: RunManifest = {
    formatVersion: 1,
    id,
    name,
    status: "running",
    seed,
    specSha256: hashParameters(spec),
    command: redactCommand(options.command),
    startedAt: now,
    heartbeatAt: now,
    ...environment,
    summary: {},
    data: {},
    resumes: [],
    ...(options.sweep && { sweep: options.sweep }),
  };
  writeGitPatch(path.join(folder, "git.patch"), environment);
  writeManifest(folder, manifest);
  const { heartbeatSeconds } = options;
  return new Run({ folder, manifest, unlock, ...(heartbeatSeconds && { heartbeatSeconds }) });
}

function checkName(name: string): void {
  if (/^[\p{L}\p{N}_][\p{L}\p{N}_. -]*$/u.test(name)) return;
  throw new InputError(
    `Cannot create run: its name must be usable as a folder's, of letters, digits and ._-, got ${JSON.stringify(name)}`,
  );
}

/** A new folder named by a random id; the id decides nothing else. A given one may be there. */
function makeFolder(parent: string, given?: string): [id: string, folder: string] {
  makeParent(parent);
  if (given !== undefined) return makeNamed(parent, given);
  while (true) {
    const id = Array.from({ length: 8 }, () => randomInt(36).toString(36)).join("");
    const folder = path.join(parent, id);
    if (existsSync(folder)) continue;
    mkdirSync(folder);
    return [id, folder];
  }
}

function makeParent(parent: string): void {
  try {
    mkdirSync(parent, { recursive: true });
  } catch (error) {
    if (existsSync(path.dirname(parent))) mkdirSync(parent); // says EROFS where the former says ENOENT
    throw error;
  }
}

function makeNamed(parent: string, id: string): [id: string, folder: string] {
  const folder = path.join(parent, id);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(manifestPath(folder))) return [id, folder];
  throw new InputError(`Cannot create run ${folder}: it is there; resume it`);
}
