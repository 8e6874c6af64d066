import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { threadId } from "node:worker_threads";

import { isRunning } from "./isRunning.ts";

/**
 * Writes a file whole or not at all: to a neighbour first, fsync, then rename over the target.
 * A crash leaves the old content or the new one. Missing parent folders are made.
 *
 * @param mode who may read and write it, as chmod has it; default: as for any new file
 */
export function writeFileAtomic(file: string, content: string | Uint8Array, mode?: number): void {
  writeChunksAtomic(file, [typeof content === "string" ? Buffer.from(content) : content], mode);
}

/** As `writeFileAtomic`, for content that is too large to be one buffer. */
export function writeChunksAtomic(file: string, chunks: Iterable<Uint8Array>, mode?: number): void {
  replaceAtomic(file, (temporary) => {
    const handle = openSync(temporary, "w", mode);
    try {
      if (mode !== undefined) fchmodSync(handle, mode); // whatever was left there, and any umask
      for (const chunk of chunks) {
        for (let written = 0; written < chunk.length;) {
          written += writeSync(handle, chunk, written, chunk.length - written);
        }
      }
    } finally {
      closeSync(handle);
    }
  });
}

/** As `writeChunksAtomic`, for what comes bit by bit while other work goes on. */
export async function writeStreamAtomic(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  mode?: number,
): Promise<void> {
  const temporary = temporaryName(file);
  try {
    const handle = await open(temporary, "w", mode);
    try {
      if (mode !== undefined) await handle.chmod(mode); // whatever was left there, and any umask
      for await (const chunk of chunks) await handle.writeFile(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new Error(`Cannot write ${file}`, { cause });
  }
  syncFolder(path.dirname(file));
}

/**
 * As `writeFileAtomic`, for what writes files by their names.
 *
 * @param write makes the file of the name that it is given
 */
export function replaceAtomic(file: string, write: (temporary: string) => void): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = temporaryName(file);
  try {
    write(temporary);
    syncPath(temporary, "r+"); // Windows makes durable only what may be written
    renameSync(temporary, file);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new Error(`Cannot write ${file}`, { cause });
  }
  syncFolder(path.dirname(file));
}

const temporaryName = (file: string): string => `${file}.${process.pid}.${threadId}.tmp`;
const temporaryPattern = /\.(\d+)\.\d+\.tmp$/;

/**
 * Removes what killed processes have left of `writeFileAtomic` in a folder and below it. A file of a
 * process that is running here, other than this one, stays: it may be about to be renamed.
 */
export function removeTemporaryFiles(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const [, pid] = temporaryPattern.exec(entry.name) ?? [];
    if (pid === undefined || !entry.isFile()) continue;
    if (Number(pid) !== process.pid && isRunning(Number(pid))) continue;
    rmSync(path.join(entry.parentPath, entry.name), { force: true });
  }
}

/** Makes a rename durable. Windows cannot open folders, and needs no such call. */
export function syncFolder(folder: string): void {
  if (process.platform !== "win32") syncPath(folder, "r");
}

function syncPath(place: string, flags: "r" | "r+"): void {
  const handle = openSync(place, flags);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
