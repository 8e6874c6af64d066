import { lstatSync } from "node:fs";
import { open } from "node:fs/promises";

import { writeStreamAtomic } from "../base/atomicFile.ts";
import { InputError } from "../base/errors.ts";
import { waitForWriters } from "../base/fileWriters.ts";
import { LogRedactor } from "./logRedactor.ts";

export interface RedactLogOptions {
  /** Of the program that has printed, as far as it is known. */
  readonly environment?: NodeJS.ProcessEnv;
  /** For what the program has started and has left. */
  readonly timeoutMs?: number;
  /** Read at once. */
  readonly chunkBytes?: number;
}

/**
 * Takes secrets out of what a program has printed into a file, once it has ended. The file is replaced
 * by another one, or, if there are none, stays as it is. What is no UTF-8 stays byte for byte.
 * Nothing is done for what is no file, such as a link to one.
 *
 * @returns whether there were any
 * @throws {InputError} when there are some, and a process still prints into the file: what that would
 *   print from then on would be lost
 */
export async function redactLog(
  file: string,
  { environment = process.env, timeoutMs = 2000, chunkBytes = 1 << 18 }: RedactLogOptions = {},
): Promise<boolean> {
  const status = lstatSync(file, { throwIfNoEntry: false });
  if (!status?.isFile() || status.size === 0) return false;
  const [writer] = await waitForWriters(file, timeoutMs);
  const parts = (): AsyncGenerator<RedactedPart> => readRedacted(file, environment, chunkBytes);
  if (!(await hasSecrets(parts()))) return false;
  if (writer !== undefined) {
    throw new InputError(
      `Cannot take secrets out of ${file}: process ${writer} still prints into it`,
    );
  }
  await writeStreamAtomic(file, bytesOf(parts()), status.mode & 0o777);
  return true;
}

interface RedactedPart {
  readonly bytes: Uint8Array;
  /** Whether there was a secret, up to here. */
  readonly hasChanged: boolean;
}

async function* readRedacted(
  file: string,
  environment: NodeJS.ProcessEnv,
  chunkBytes: number,
): AsyncGenerator<RedactedPart> {
  const redactor = new LogRedactor(environment);
  const handle = await open(file, "r");
  try {
    const chunk = Buffer.alloc(chunkBytes);
    for (;;) {
      const { bytesRead } = await handle.read(chunk);
      if (bytesRead === 0) break;
      const bytes = redactor.write(chunk.subarray(0, bytesRead));
      yield { bytes, hasChanged: redactor.hasChanged };
    }
    yield { bytes: redactor.end(), hasChanged: redactor.hasChanged };
  } finally {
    await handle.close();
  }
}

async function hasSecrets(parts: AsyncIterable<RedactedPart>): Promise<boolean> {
  for await (const { hasChanged } of parts) if (hasChanged) return true;
  return false;
}

async function* bytesOf(parts: AsyncIterable<RedactedPart>): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of parts) yield bytes;
}
