import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

import { InputError } from "./errors.ts";

/**
 * Content of a file that others may have put there: of no pipe, on which one would wait for ever, and
 * of no device, which has no end.
 *
 * @param mostBytes a longer file is refused
 * @throws {InputError} when it is no file, or too long; what the system says when there is none
 */
export function readRegularFile(file: string, mostBytes: number = Infinity): Buffer {
  const handle = openRegularFile(file);
  try {
    const { size } = fstatSync(handle);
    if (size > mostBytes) {
      throw new InputError(`Cannot read ${file}: expected at most ${mostBytes} bytes, got ${size}`);
    }
    return readFileSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * Opens what `readRegularFile` would read.
 *
 * @returns a descriptor, which the caller closes
 */
export function openRegularFile(file: string): number {
  const handle = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (fstatSync(handle).isFile()) return handle;
    throw new InputError(`Cannot read ${file}: expected a file, got a folder, pipe or device`);
  } catch (error) {
    closeSync(handle);
    throw error;
  }
}
