import { existsSync } from "node:fs";

import { hostTensor, InputError, readSafetensors, writeSafetensors, type Example } from "seedbed";

/** What was kept of an example; undefined when nothing was. */
export function readExample(file: string): Example | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return Object.fromEntries(
      Array.from(readSafetensors(file), ([name, { values, shape }]) => [
        name,
        hostTensor(values, shape),
      ]),
    );
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(
      `Cannot use what is cached: ${reason}; delete the file to have it made again`,
      { cause },
    );
  }
}

/** Keeps an example, whole or not at all. */
export function writeExample(file: string, example: Example): void {
  writeSafetensors(file, Object.entries(example));
}
