import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { parse, stringify } from "yaml";

import { writeFileAtomic } from "../../base/atomicFile.ts";
import { DistinctPaths } from "../distinctPaths.ts";
import type { LogPoint } from "../logger.ts";
import { isRecord } from "../parameters.ts";

/** What MLflow says of a run. Times are milliseconds since 1970. */
export interface MlflowRunInfo {
  /** Letters and digits. */
  runId: string;
  runName: string;
  experiment: string;
  userName: string;
  startTimeMs: number;
  tags: Readonly<Record<string, string>>;
}

export const mlflowStatus = { running: 1, finished: 3, failed: 4, killed: 5 } as const;

/**
 * A run in MLflow's file store: `<root>/<experiment>/<run>/` with `meta.yaml` and the folders
 * `params`, `metrics`, `tags`, `artifacts`, each with a file for a key.
 *
 * Source: mlflow/store/tracking/file_store.py.
 */
export class MlflowRun {
  readonly folder: string;
  readonly #info: MlflowRunInfo;
  readonly #experimentId: string;
  readonly #paths = {
    params: new DistinctPaths(),
    metrics: new DistinctPaths(),
    tags: new DistinctPaths(),
    artifacts: new DistinctPaths(),
  };
  readonly #lines = new Map<string, string>();
  readonly #folders = new Set<string>();

  /** Opens the run, without the metrics that it has had. */
  constructor(root: string, info: MlflowRunInfo) {
    this.#info = info;
    this.#experimentId = openExperiment(root, info.experiment, info.startTimeMs);
    this.folder = path.resolve(root, this.#experimentId, info.runId);
    rmSync(path.join(this.folder, "metrics"), { recursive: true, force: true });
    for (const kind of Object.keys(this.#paths)) {
      mkdirSync(path.join(this.folder, kind), { recursive: true });
    }
    this.writeStatus("running");
    for (const [key, value] of Object.entries(info.tags)) this.writeTag(key, value);
  }

  writeStatus(status: keyof typeof mlflowStatus, endTimeMs: number | null = null): void {
    const { runId, runName, userName, startTimeMs } = this.#info;
    const meta = {
      artifact_uri: pathToFileURL(path.join(this.folder, "artifacts")).href,
      end_time: endTimeMs,
      entry_point_name: "",
      experiment_id: this.#experimentId,
      lifecycle_stage: "active",
      run_id: runId,
      run_name: runName,
      run_uuid: runId,
      source_name: "",
      source_type: 4, // local
      source_version: "",
      start_time: startTimeMs,
      status: mlflowStatus[status],
      tags: [],
      user_id: userName,
    };
    writeYaml(path.join(this.folder, "meta.yaml"), meta);
  }

  writeParameter(key: string, value: string): void {
    this.writeFile(`params/${this.#paths.params.of(key)}`, value);
  }

  writeTag(key: string, value: string): void {
    this.writeFile(`tags/${this.#paths.tags.of(key)}`, value);
  }

  /** Adds a value to a metric; with the system after `flush`. */
  addMetric(key: string, value: number, { step, wallTimeSeconds }: LogPoint): void {
    const file = `metrics/${this.#paths.metrics.of(key)}`;
    const line = `${Math.round(wallTimeSeconds * 1000)} ${pythonNumber(value)} ${step}\n`;
    this.#lines.set(file, (this.#lines.get(file) ?? "") + line);
  }

  /** A path that is this key's alone, below `artifacts/`, without its extension. */
  artifactPath(key: string, step: number): string {
    return `artifacts/${this.#paths.artifacts.of(key)}_${String(step).padStart(8, "0")}`;
  }

  /** @param name below the run's folder */
  writeFile(name: string, content: string | Uint8Array): void {
    writeFileAtomic(path.join(this.folder, ...name.split("/")), content);
  }

  flush(): void {
    for (const [name, lines] of this.#lines) {
      this.#makeFolderOf(name);
      appendFileSync(path.join(this.folder, ...name.split("/")), lines);
    }
    this.#lines.clear();
  }

  /** Once: there may be thousands of metrics. */
  #makeFolderOf(name: string): void {
    const folder = path.posix.dirname(name);
    if (this.#folders.has(folder)) return;
    mkdirSync(path.join(this.folder, ...folder.split("/")), { recursive: true });
    this.#folders.add(folder);
  }
}

/** @returns the id of the experiment of a name, which is made if there is none */
function openExperiment(root: string, name: string, nowMs: number): string {
  const known = readdirSync(makeFolder(root)).find((id) => experimentName(root, id) === name);
  if (known !== undefined) return known;
  const hash = createHash("sha256").update(name).digest();
  const id = (hash.readBigUInt64BE() % 10n ** 18n).toString().padStart(18, "1");
  writeYaml(path.join(makeFolder(path.join(root, id)), "meta.yaml"), {
    artifact_location: pathToFileURL(path.resolve(root, id)).href,
    creation_time: nowMs,
    experiment_id: id,
    last_update_time: nowMs,
    lifecycle_stage: "active",
    name,
  });
  return id;
}

function experimentName(root: string, id: string): unknown {
  const file = path.join(root, id, "meta.yaml");
  if (!existsSync(file)) return undefined;
  const meta: unknown = parse(readFileSync(file, "utf8"));
  return isRecord(meta) ? meta["name"] : undefined;
}

function makeFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** As YAML 1.1, which MLflow reads: an experiment may be called `on`, or like a date. */
function writeYaml(file: string, value: object): void {
  writeFileAtomic(file, stringify(value, { version: "1.1" }));
}

/** As Python's `float` reads it. */
function pythonNumber(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (Math.abs(value) === Infinity) return value > 0 ? "inf" : "-inf";
  return String(value);
}
