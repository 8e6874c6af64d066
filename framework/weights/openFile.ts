import { closeSync, fstatSync, openSync, readSync } from "node:fs";

import { InputError } from "../base/errors.ts";

/** A file that is open for reading. */
export interface OpenFile {
  readonly sizeBytes: number;
  /**
   * Bytes from a position on.
   *
   * @throws {InputError} where the file ends before
   */
  readonly read: (start: number, length: number) => Uint8Array<ArrayBuffer>;
}

/** Makes an error that names the file, of what is wrong with it. */
export type Problem = (problem: string, cause?: unknown) => InputError;

/** The system call takes less than 2 GiB. */
const largestRead = 2 ** 30;

/**
 * Opens a file for the time of one call.
 *
 * @throws {InputError} when it cannot be opened or is none
 */
export function withOpenFile<Result>(
  file: string,
  use: (open: OpenFile) => Result,
  problem: Problem = (text, cause) => new InputError(`Cannot read ${file}: ${text}`, { cause }),
): Result {
  let handle: number;
  try {
    handle = openSync(file, "r");
  } catch (cause) {
    throw problem(cause instanceof Error ? cause.message : String(cause), cause);
  }
  try {
    const status = fstatSync(handle);
    if (!status.isFile()) throw problem("expected a file, got a folder or device");
    const sizeBytes = status.size;
    return use({
      sizeBytes,
      read(start, length) {
        const bytes = start >= 0 && start + length <= sizeBytes && filled(handle, start, length);
        if (bytes) return bytes;
        throw problem(
          `expected bytes ${start} to ${start + length}, but the file ends at ${sizeBytes}; it is damaged or truncated`,
        );
      },
    });
  } finally {
    closeSync(handle);
  }
}

/** Undefined if the file has become shorter. */
function filled(
  handle: number,
  start: number,
  length: number,
): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const count = readSync(handle, bytes, done, Math.min(length - done, largestRead), start + done);
    if (count === 0) return undefined;
    done += count;
  }
  return bytes;
}
