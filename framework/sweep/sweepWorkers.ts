import { randomInt } from "node:crypto";
import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import {
  isAlive,
  ownIdentity,
  parseOwner,
  shownOwner,
  type LockOwner,
} from "../tracking/runLock.ts";

/** Between two signs of life, for workers on other machines. */
const heartbeatSeconds = 60;
const fileName = /^worker\.(\w+)\.lock$/;

/** The processes that share a sweep's trials: each has a file in its folder while it lives. */
export class SweepWorkers {
  /** Of this process, as the journal calls it. */
  readonly own: string = Array.from({ length: 8 }, () => randomInt(36).toString(36)).join("");
  readonly #folder: string;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Makes this process one of them. Not to be called by two at once.
   *
   * @param mayShare whether there may be others
   * @returns whether it is the only one
   * @throws {InputError} when there are others and none may be
   */
  join(mayShare: boolean): boolean {
    const others = this.#others();
    const [first] = others;
    if (first && !mayShare) {
      throw new InputError(
        `Cannot run sweep ${this.#folder}: it is in use by process ${shownOwner(first)}; add --join to share its trials, or stop that process first`,
      );
    }
    const file = this.#fileOf(this.own);
    writeFileSync(file, JSON.stringify(ownIdentity()));
    this.#heartbeat = setInterval(() => touch(file), heartbeatSeconds * 1000).unref();
    return others.length === 0;
  }

  leave(): void {
    clearInterval(this.#heartbeat);
    rmSync(this.#fileOf(this.own), { force: true });
  }

  isAlive(worker: string): boolean {
    const file = this.#fileOf(worker);
    const owner = readOwner(file);
    return owner !== undefined && isAlive(owner, file);
  }

  /** Those that live; the files of others are taken away. */
  #others(): LockOwner[] {
    const workers = readdirSync(this.#folder).flatMap((name) => fileName.exec(name)?.[1] ?? []);
    return workers.flatMap((worker) => {
      const owner = readOwner(this.#fileOf(worker));
      if (owner && this.isAlive(worker)) return [owner];
      rmSync(this.#fileOf(worker), { force: true });
      return [];
    });
  }

  #fileOf(worker: string): string {
    return path.join(this.#folder, `worker.${worker}.lock`);
  }
}

/** Whether any process runs the sweep whose runs are in a folder. */
export function isSweepRunning(folder: string): boolean {
  const workers = new SweepWorkers(folder);
  try {
    return readdirSync(folder).some((name) => workers.isAlive(fileName.exec(name)?.[1] ?? ""));
  } catch {
    return false; // there is no such folder
  }
}

function touch(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    return; // somebody has deleted the folder, which trials will tell
  }
}

function readOwner(file: string): LockOwner | undefined {
  try {
    return parseOwner(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
