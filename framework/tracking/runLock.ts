import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { isRunning, linuxStat } from "../base/isRunning.ts";
import { readRegularFile } from "../base/readRegularFile.ts";
import { isRecord } from "./parameters.ts";

/** Who holds a run's folder. */
export interface LockOwner {
  pid: number;
  host: string;
  /** Tells a process from a later one with the same pid; "" where the system does not say. */
  processStart: string;
}

/** A lock of another host counts as left behind when the run's heart has not beaten for so long. */
const foreignStaleSeconds = 300;
const namePattern = /^run\.[^/]*\.lock$/;

/**
 * Takes a run's folder for this process. Each process puts down its own file and then looks for
 * others, so two that come at once may both be turned away, but never both be let in.
 *
 * @param options.purpose of the lock, for messages
 * @returns gives the folder back
 * @throws {InputError} when a live process holds it
 */
export function lockRun(
  folder: string,
  heartbeatFile: string,
  { purpose = "open run" }: { readonly purpose?: string } = {},
): () => void {
  const me = ownIdentity();
  const mine = path.join(folder, lockName(me));
  const tried = `${purpose} ${folder}`;
  claim(mine, me, tried);
  try {
    for (const { file, owner } of otherLocks(folder, mine)) {
      if (isAlive(owner, heartbeatFile)) throw inUse(tried, owner, file);
      rmSync(file, { force: true });
    }
  } catch (error) {
    rmSync(mine, { force: true });
    throw error;
  }
  return () => rmSync(mine, { force: true });
}

/** This process, as locks name it. */
export function ownIdentity(): LockOwner {
  ownStart ??= processStart(process.pid);
  return { pid: process.pid, host: hostname(), processStart: ownStart };
}

let ownStart: string | undefined;

/** The live process that holds a folder, if any. */
export function runOwner(folder: string, heartbeatFile: string): LockOwner | undefined {
  const owners = otherLocks(folder).map(({ owner }) => owner);
  return owners.find((owner) => isAlive(owner, heartbeatFile));
}

function lockName({ host, pid }: LockOwner): string {
  return `run.${host.replace(/[^\w-]/g, "_")}.${pid}.lock`;
}

function claim(file: string, me: LockOwner, tried: string): void {
  const held = readOwner(file);
  if (held && held.processStart === me.processStart) throw inUse(tried, held, file);
  writeFileSync(file, JSON.stringify(me));
}

function inUse(tried: string, { pid, host }: LockOwner, file: string): InputError {
  return new InputError(
    `Cannot ${tried}: it is in use by process ${pid} on ${host}; stop that process first, or remove ${file} if it is gone`,
  );
}

function otherLocks(folder: string, mine?: string): { file: string; owner: LockOwner }[] {
  const files = readdirSync(folder)
    .filter((name) => namePattern.test(name))
    .sort();
  return files
    .map((name) => path.join(folder, name))
    .filter((file) => file !== mine)
    .flatMap((file) => {
      const owner = readOwner(file);
      return owner ? [{ file, owner }] : [];
    });
}

/** Undefined for a file that its owner has not written yet: that owner will find ours when it looks. */
function readOwner(file: string): LockOwner | undefined {
  try {
    return parseOwner(readRegularFile(file).toString());
  } catch {
    return undefined;
  }
}

/** What a lock's file says; undefined when that is not whole. */
export function parseOwner(text: string): LockOwner | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isOwner(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isOwner(value: unknown): value is LockOwner {
  return (
    isRecord(value) &&
    typeof value["pid"] === "number" &&
    typeof value["host"] === "string" &&
    typeof value["processStart"] === "string"
  );
}

/** @param heartbeatFile touched at times while an owner on another host lives */
export function isAlive(
  { pid, host, processStart: start }: LockOwner,
  heartbeatFile: string,
): boolean {
  if (host !== hostname()) return ageSeconds(heartbeatFile) < foreignStaleSeconds;
  return isRunning(pid) && processStart(pid) === start;
}

function ageSeconds(file: string): number {
  const modified = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return (Date.now() - modified) / 1000;
}

/** When a process began, as a text that differs for any two processes with the same pid. */
function processStart(pid: number): string {
  if (process.platform === "win32") return "";
  const stat = linuxStat(pid);
  if (!stat) return startFromPs(pid);
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return `${boot}:${stat[19]}`; // the 22nd field: clock ticks from boot to the process's start
}

function startFromPs(pid: number): string {
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}
