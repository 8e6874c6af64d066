import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import {
  addArtifact,
  artifactPlace,
  describeArtifact,
  hashArtifact,
  type ArtifactOptions,
} from "./artifacts.ts";
import { exitCodeAfter } from "./exitCodeAfter.ts";
import { nonFiniteWord } from "./jsonNumber.ts";
import { keepFiles } from "./keptFiles.ts";
import type {
  LoggedHistogram,
  LoggedImage,
  LoggedPrCurve,
  LoggedTable,
  Logger,
  LogPoint,
} from "./logger.ts";
import type { Parameters } from "./parameters.ts";
import { secretRedactor } from "./redactSecrets.ts";
import type { RunArtifact } from "./runArtifact.ts";
import { lockRun } from "./runLock.ts";
import { manifestPath, writeManifest, type RunManifest } from "./runManifest.ts";
import type { RunOutcome, RunSummary } from "./runOutcome.ts";

export interface HeldRun {
  folder: string;
  manifest: RunManifest;
  /** Gives the folder free. */
  unlock: () => void;
  heartbeatSeconds?: number;
  /** Whether artifacts are hashed when the run ends; one worker does it for all. */
  hashesArtifacts?: boolean;
}

/**
 * A run that this process carries out: its folder, its manifest and its loggers. The folder is
 * this process's alone until `finish`.
 */
export class Run {
  readonly folder: string;
  /** Where the run's numbers go; `openLoggers` fills it. */
  readonly loggers: Logger[] = [];
  #manifest: RunManifest;
  #unlock: () => void;
  readonly #hashesArtifacts: boolean;
  readonly #restoreFiles: () => void;
  readonly #heartbeat: NodeJS.Timeout;
  #isFinished = false;

  /** Use `createRun` or `openRun`. */
  constructor({
    folder,
    manifest,
    unlock,
    heartbeatSeconds = 10,
    hashesArtifacts = true,
  }: HeldRun) {
    this.folder = folder;
    this.#manifest = manifest;
    this.#unlock = unlock;
    this.#hashesArtifacts = hashesArtifacts;
    this.#restoreFiles = keepFiles(folder);
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatSeconds * 1000).unref();
  }

  get id(): string {
    return this.#manifest.id;
  }

  get name(): string {
    return this.#manifest.name;
  }

  get manifest(): RunManifest {
    return this.#manifest;
  }

  /** A path in the run's folder. */
  path(...parts: string[]): string {
    return path.join(this.folder, ...parts);
  }

  get checkpointsFolder(): string {
    return this.path("checkpoints");
  }

  /**
   * Notes which data the run used.
   *
   * @param sha256 of the data's content, hexadecimal
   * @throws {InputError} when the run goes on from a checkpoint that was trained with other data
   */
  recordData(name: string, sha256: string, details: Parameters = {}): void {
    const earlier = this.#manifest.data?.[name]?.sha256;
    if (earlier !== undefined && earlier !== sha256 && existsSync(this.checkpointsFolder)) {
      throw new InputError(
        `Cannot go on with ${this.folder}: expected the data "${name}" that it was begun with, ${earlier}, got ${sha256}; put back what has changed since, or begin a new run`,
      );
    }
    this.#update({ data: { ...this.#manifest.data, [name]: { sha256, details } } });
  }

  /**
   * Notes a file or folder that the run makes or uses. Its content is hashed when the run ends, so
   * that a large one does not stop training. A second one of a direction and name replaces the first.
   */
  recordArtifact(options: ArtifactOptions): void {
    const artifact = describeArtifact(this.folder, options);
    this.#update({ artifacts: addArtifact(this.#manifest.artifacts, artifact) });
  }

  async logHyperparameters(parameters: Parameters): Promise<void> {
    for (const logger of this.loggers) await logger.logHyperparameters(parameters);
  }

  async logMetrics(metrics: Readonly<Record<string, number>>, point: LogPoint): Promise<void> {
    for (const logger of this.loggers) await logger.logMetrics(metrics, point);
  }

  async logImages(key: string, images: readonly LoggedImage[], point: LogPoint): Promise<void> {
    for (const logger of this.loggers) await logger.logImages(key, images, point);
  }

  async logHistogram(key: string, histogram: LoggedHistogram, point: LogPoint): Promise<void> {
    for (const logger of this.loggers) await logger.logHistogram(key, histogram, point);
  }

  async logText(key: string, text: string, point: LogPoint): Promise<void> {
    for (const logger of this.loggers) await logger.logText(key, text, point);
  }

  async logTable(key: string, table: LoggedTable, point: LogPoint): Promise<void> {
    for (const logger of this.loggers) await logger.logTable(key, table, point);
  }

  async logPrCurve(key: string, curve: LoggedPrCurve, point: LogPoint): Promise<void> {
    for (const logger of this.loggers) await logger.logPrCurve(key, curve, point);
  }

  /** Makes all that was logged durable. */
  async flush(): Promise<void> {
    for (const logger of this.loggers) await logger.flush();
  }

  /**
   * Hashes artifacts unless the run was interrupted, closes every logger, writes how the run ended
   * and gives its folder free. A second call does nothing. When a logger cannot be closed the rest is
   * done all the same, then its error is thrown.
   *
   * @param exitCode of the process; when absent, what programs usually end with after such an outcome
   */
  async finish(
    outcome: RunOutcome,
    summary: RunSummary = {},
    exitCode: number = exitCodeAfter(outcome),
  ): Promise<void> {
    if (this.#isFinished) return;
    this.#isFinished = true;
    const artifacts = outcome === "interrupted" ? [] : this.#hashArtifacts();
    const told = withoutSecrets(summary);
    const errors: unknown[] = [];
    const attempt = async (action: () => void | Promise<void>): Promise<void> => {
      try {
        await action();
      } catch (error) {
        errors.push(error);
      }
    };
    for (const logger of this.loggers) {
      for (const artifact of artifacts) await attempt(() => logger.logArtifact(artifact));
      await attempt(() => logger.finalize(outcome, told));
    }
    clearInterval(this.#heartbeat);
    try {
      const now = timeNow();
      const end = { status: outcome, exitCode, endedAt: now, heartbeatAt: now };
      this.#update({ ...end, summary: toJson(summary) });
    } finally {
      this.#unlock();
    }
    if (errors.length > 0) throw errors[0];
  }

  #hashArtifacts(): readonly RunArtifact[] {
    const { artifacts = [] } = this.#manifest;
    if (!this.#hashesArtifacts) return [];
    const hashed = artifacts.map((artifact) => {
      if (artifact.sha256 !== null) return artifact;
      return { ...artifact, ...hashArtifact(artifactPlace(this.folder, artifact)) };
    });
    if (hashed.length > 0) this.#update({ artifacts: hashed });
    return hashed;
  }

  #update(change: Partial<RunManifest>): void {
    this.#manifest = { ...this.#manifest, ...change };
    if (!existsSync(manifestPath(this.folder))) this.#putBack();
    writeManifest(this.folder, this.#manifest);
  }

  /** Somebody has deleted the folder. What a run has logged is not lost as long as it runs. */
  #putBack(): void {
    console.warn(
      `The folder of run ${this.folder} was deleted while it runs: its record is put back, but not the pictures and checkpoints that it had`,
    );
    mkdirSync(this.folder, { recursive: true });
    this.#unlock = lockRun(this.folder, manifestPath(this.folder));
    this.#restoreFiles();
    if (!this.#isFinished) void this.flush().catch(console.warn);
  }

  /** A full disk must not end a run from within a timer: the next record will tell. */
  #beat(): void {
    try {
      this.#update({ heartbeatAt: timeNow() });
    } catch (error) {
      console.warn(`Cannot write the heartbeat of run ${this.folder}: ${String(error)}`);
    }
  }
}

/** JSON has no NaN and no infinity. */
function toJson(summary: RunSummary): RunSummary {
  const entries = Object.entries(summary).map(([key, value]) => {
    return [key, (typeof value === "number" ? nonFiniteWord(value) : undefined) ?? value] as const;
  });
  return Object.fromEntries(entries);
}

function timeNow(): string {
  return new Date().toISOString();
}

function withoutSecrets(summary: RunSummary): RunSummary {
  const redact = secretRedactor(process.env);
  const entries = Object.entries(summary).map(([key, value]): [string, string | number] => [
    key,
    typeof value === "string" ? redact(value) : value,
  ]);
  return Object.fromEntries(entries);
}
