import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, uptime } from "node:os";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { isRunning, linuxStat } from "../base/isRunning.ts";
import { pidNamespace } from "../base/pidNamespace.ts";
import { readRegularFile } from "../base/readRegularFile.ts";
import { isRecord } from "./parameters.ts";

/** Who holds a run's folder. */
export interface LockOwner {
  pid: number;
  host: string;
  /**
   * Within which the number is one process's: containers on a host have their own. "" where the system
   * has none; absent in locks of earlier versions, which count as of this one.
   */
  pidNamespace?: string;
  /** Tells a process from a later one with the same pid; "" where the system does not say. */
  processStart: string;
}

/** A process that cannot be seen from here has left its lock when the run's heart has not beaten for so long. */
const foreignStaleSeconds = 300;
const namePattern = /^run\.[^/]*\.lock$/;
/** Of a process's start where it names the machine's. */
const bootPattern = /^([\da-f-]{36}):\d+$/;

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
  claim(mine, me, tried, heartbeatFile);
  try {
    for (const lock of otherLocks(folder, mine)) {
      if (isHeld(lock, heartbeatFile)) throw inUse(tried, lock.owner, lock.file);
      rmSync(lock.file, { force: true });
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
  return {
    pid: process.pid,
    host: hostname(),
    pidNamespace: pidNamespace(),
    processStart: ownStart,
  };
}

let ownStart: string | undefined;

/** The live process that holds a folder, if any. */
export function runOwner(folder: string, heartbeatFile: string): LockOwner | undefined {
  return otherLocks(folder).find((lock) => isHeld(lock, heartbeatFile))?.owner;
}

/** Where the owner cannot be seen, the lock is its first sign of life: before the first beat, too. */
function isHeld({ file, owner }: Lock, heartbeatFile: string): boolean {
  return isAlive(owner, heartbeatFile) || (!isHere(owner) && isAlive(owner, file));
}

/** Differs for processes of one number in two containers, which may have the host's name in common. */
function lockName({ host, pid, pidNamespace: namespace = "" }: LockOwner): string {
  const digits = namespace.replace(/\D/g, "");
  const parts = [host.replace(/[^\w-]/g, "_"), ...(digits === "" ? [] : [digits]), pid];
  return `run.${parts.join(".")}.lock`;
}

/** What lies there under this process's name is its own, of an earlier process, or another machine's. */
function claim(file: string, me: LockOwner, tried: string, heartbeatFile: string): void {
  const owner = readOwner(file);
  const isOwn = owner?.processStart === me.processStart;
  if (owner && (isOwn || isHeld({ file, owner }, heartbeatFile))) throw inUse(tried, owner, file);
  writeFileSync(file, JSON.stringify(me));
}

function inUse(tried: string, owner: LockOwner, file: string): InputError {
  return new InputError(
    `Cannot ${tried}: it is in use by process ${shownOwner(owner)}; stop that process first, or remove ${file} if it is gone`,
  );
}

interface Lock {
  readonly file: string;
  readonly owner: LockOwner;
}

function otherLocks(folder: string, mine?: string): Lock[] {
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
    (value["pidNamespace"] === undefined || typeof value["pidNamespace"] === "string") &&
    typeof value["processStart"] === "string"
  );
}

/** Whether a process can be looked for, and signalled, by its number from here. */
export function isHere(owner: LockOwner): boolean {
  const { host, pidNamespace: namespace = pidNamespace() } = owner;
  return host === hostname() && namespace === pidNamespace() && !isOfOtherBoot(owner);
}

/** Whether it is one of another machine that has this one's name, or of this one before it was started. */
function isOfOtherBoot({ processStart: start }: LockOwner): boolean {
  const [boot, own] = [start, ownIdentity().processStart].map(
    (text) => bootPattern.exec(text)?.[1],
  );
  return boot !== undefined && own !== undefined && boot !== own;
}

/** Number and place of a process, for messages. */
export function shownOwner(owner: LockOwner): string {
  const { pid, host } = owner;
  if (host !== hostname() || isHere(owner)) return `${pid} on ${host}`;
  const where = isOfOtherBoot(owner) ? ", another machine of that name" : " in another container";
  return `${pid} on ${host}${where}`;
}

/**
 * @param heartbeatFile touched at times while an owner that cannot be seen from here lives
 * @param upSeconds since this machine was started: what was there before that gives no sign any more
 */
export function isAlive(
  owner: LockOwner,
  heartbeatFile: string,
  upSeconds: number = uptime(),
): boolean {
  if (isHere(owner)) return isRunning(owner.pid) && processStart(owner.pid) === owner.processStart;
  const mayBeOurs = owner.host === hostname() && isOfOtherBoot(owner);
  const stale = mayBeOurs ? Math.min(foreignStaleSeconds, upSeconds) : foreignStaleSeconds;
  return ageSeconds(heartbeatFile) < stale;
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
