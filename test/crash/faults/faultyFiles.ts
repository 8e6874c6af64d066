/**
 * @file Loaded into a process before anything else (`--import`): at one call that changes files the
 * process dies, or the system refuses, as the variable `SEEDBED_FAULT` says.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { constants } from "node:os";
import path from "node:path";

import { kindOf, planVariable, type Fault, type FaultPlan } from "./fault.ts";

const plan: FaultPlan = JSON.parse(process.env[planVariable] ?? '{"root":"/nowhere"}');
/** The calls as the system has them. */
const system = { ...fs };
const opened = new Map<number, string>();
/** Files with content that no fsync has made durable, and how long the durable part is. */
const durableBytes = new Map<string, number>();
let counted = 0;
/** One call may make others, which are part of it. */
let isInside = false;
let isRefusing = false;

interface FileCall<Result> {
  readonly name: string;
  readonly file: string;
  run(): Result;
  /** Does half of the work. */
  runHalf?(): Result;
}

/** Carries out a call, unless it is the one at which something goes wrong. */
function attempt<Result>(call: FileCall<Result>): Result {
  if (isInside || !isWatched(call.file)) return call.run();
  isInside = true;
  try {
    return attemptWatched(call);
  } finally {
    isInside = false;
  }
}

function isWatched(file: string): boolean {
  const relative = path.relative(plan.root, path.resolve(file));
  return !relative.startsWith("..") && !path.isAbsolute(relative);
}

function attemptWatched<Result>(call: FileCall<Result>): Result {
  const { fault, census } = plan;
  if (census !== undefined) system.appendFileSync(census, `${kindOf(call.file)}\n`);
  if (!fault || !isMeant(call, fault)) return call.run();
  counted++;
  if (fault.action === "kill" || fault.action === "powerCut") {
    return counted === fault.nth ? die(call, fault) : call.run();
  }
  if (counted < fault.nth || !takesEffect(call)) return call.run();
  if (fault.action === "short") return call.runHalf ? call.runHalf() : call.run();
  return refuse(call, fault.action);
}

const isMeant = ({ file, name }: FileCall<unknown>, { kind, call }: Fault): boolean =>
  (kind === undefined || kindOf(file) === kind) && (call === undefined || call === name);

/** Whether the fault may happen: the first process that comes to it has it. */
function takesEffect({ name, file }: FileCall<unknown>): boolean {
  if (isRefusing || plan.happened === undefined) return true;
  try {
    system.writeFileSync(plan.happened, `${name} ${path.relative(plan.root, file)}\n`, {
      flag: "wx",
    });
    isRefusing = true;
    return true;
  } catch {
    return false;
  }
}

function die<Result>(call: FileCall<Result>, { when, action }: Fault): Result {
  if (!takesEffect(call)) return call.run();
  if (when === "middle") call.runHalf?.();
  if (when === "after") call.run();
  if (action === "powerCut") losePending();
  process.kill(process.pid, "SIGKILL");
  throw new Error("Cannot be reached: the process was killed");
}

/** Of what is not durable the system may have written a part: here half. */
function losePending(): void {
  for (const [file, durable] of durableBytes) {
    const size = system.statSync(file, { throwIfNoEntry: false })?.size;
    if (size === undefined || size <= durable) continue;
    system.truncateSync(file, durable + Math.floor((size - durable) / 2));
  }
}

/** A disk that is full can still be read, and files can be removed from it. */
const needsSpace = new Set(["write", "writeFile", "appendFile", "copyFile", "mkdir"]);

function refuse<Result>(call: FileCall<Result>, code: "ENOSPC" | "EIO" | "EROFS"): Result {
  if (code === "ENOSPC" && !needsSpace.has(call.name)) return call.run();
  if (code === "EIO" && call.name !== "write" && call.name !== "fsync") return call.run();
  const errno = -(constants.errno[code] ?? 0);
  const message = `${code}: injected, ${call.name} '${call.file}'`;
  throw Object.assign(new Error(message), { errno, code, syscall: call.name, path: call.file });
}

function fileOf(handle: number): string {
  return opened.get(handle) ?? "/";
}

function noteWrite(file: string): void {
  if (durableBytes.has(file) || !isWatched(file)) return;
  durableBytes.set(file, system.statSync(file, { throwIfNoEntry: false })?.size ?? 0);
}

/** Of a file that is written anew nothing is durable. */
function noteWhole(file: string): void {
  durableBytes.set(path.resolve(file), 0);
}

/** What was not durable of a file, or of those in a folder, is not so under another name. */
function noteMoved(from: string, to: string): void {
  durableBytes.delete(to);
  for (const [file, durable] of [...durableBytes]) {
    if (file !== from && !file.startsWith(from + path.sep)) continue;
    durableBytes.delete(file);
    durableBytes.set(to + file.slice(from.length), durable);
  }
}

const replaced: Partial<Record<keyof typeof fs, unknown>> = {
  openSync(file: fs.PathLike, flags: fs.OpenMode = "r", mode?: fs.Mode): number {
    const name = path.resolve(String(file));
    const open = (): number => system.openSync(file, flags, mode);
    const isWriting = typeof flags === "string" && /[wa+]/.test(flags);
    const handle = isWriting ? attempt({ name: "open", file: name, run: open }) : open();
    opened.set(handle, name);
    if (isWriting && flags.includes("w") && isWatched(name)) noteWhole(name);
    return handle;
  },
  closeSync(handle: number): void {
    opened.delete(handle);
    system.closeSync(handle);
  },
  writeSync(handle: number, data: string | NodeJS.ArrayBufferView, ...rest: number[]): number {
    const file = fileOf(handle);
    noteWrite(file);
    const whole = typeof data === "string" ? Buffer.from(data) : bytesOf(data, rest);
    const position = typeof data === "string" ? undefined : rest[2];
    const write = (length: number): number =>
      system.writeSync(handle, whole, 0, length, position ?? null);
    return attempt({
      name: "write",
      file,
      run: () => write(whole.length),
      runHalf: () => write(Math.ceil(whole.length / 2)),
    });
  },
  fsyncSync(handle: number): void {
    const file = fileOf(handle);
    const run = (): void => {
      system.fsyncSync(handle);
      durableBytes.delete(file);
    };
    attempt({ name: "fsync", file, run });
  },
  renameSync(from: fs.PathLike, to: fs.PathLike): void {
    const [old, file] = [path.resolve(String(from)), path.resolve(String(to))];
    const run = (): void => {
      system.renameSync(from, to);
      noteMoved(old, file);
    };
    attempt({ name: "rename", file, run });
  },
  rmSync(file: string, options?: fs.RmOptions): void {
    attempt({
      name: "rm",
      file: path.resolve(file),
      run: () => system.rmSync(file, options),
      runHalf: () => removeHalf(file),
    });
    durableBytes.delete(path.resolve(file));
  },
  mkdirSync(folder: string, options?: fs.MakeDirectoryOptions): string | undefined {
    const run = (): string | undefined => system.mkdirSync(folder, options);
    if (system.existsSync(folder)) return run();
    return attempt({ name: "mkdir", file: path.resolve(folder), run });
  },
  truncateSync(file: string, length?: number): void {
    attempt({ name: "truncate", file, run: () => system.truncateSync(file, length) });
  },
  copyFileSync(from: string, to: string, mode?: number): void {
    const run = (): void => {
      system.copyFileSync(from, to, mode);
      if (isWatched(to)) noteWhole(to);
    };
    const runHalf = (): void => writeHalf(to, system.readFileSync(from));
    attempt({ name: "copyFile", file: to, run, runHalf });
  },
  writeFileSync(file: fs.PathOrFileDescriptor, data: string | Uint8Array, options?: object): void {
    if (typeof file === "number") return system.writeFileSync(file, data, options);
    const name = path.resolve(String(file));
    const run = (): void => {
      system.writeFileSync(file, data, options);
      if (isWatched(name)) noteWhole(name);
    };
    attempt({ name: "writeFile", file: name, run, runHalf: () => writeHalf(name, data) });
  },
  appendFileSync(file: fs.PathOrFileDescriptor, data: string | Uint8Array, options?: object): void {
    const run = (): void => system.appendFileSync(file, data, options);
    if (typeof file === "number") return run();
    const name = path.resolve(String(file));
    noteWrite(name);
    const runHalf = (): void => system.appendFileSync(name, half(data));
    attempt({ name: "appendFile", file: name, run, runHalf });
  },
};

function bytesOf(data: NodeJS.ArrayBufferView, [offset = 0, length]: number[]): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return bytes.subarray(offset, offset + (length ?? bytes.length - offset));
}

function half(data: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(data);
  return bytes.subarray(0, Math.floor(bytes.length / 2));
}

const writeHalf = (file: string, data: string | Uint8Array): void =>
  system.writeFileSync(file, half(data));

function removeHalf(folder: string): void {
  if (!system.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  const names = system.readdirSync(folder);
  for (const name of names.slice(0, Math.ceil(names.length / 2))) {
    system.rmSync(path.join(folder, name), { recursive: true });
  }
}

if (plan.root !== "/nowhere") {
  Object.assign(fs, replaced);
  syncBuiltinESMExports();
}
