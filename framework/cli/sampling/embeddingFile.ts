import { statSync } from "node:fs";

import { InputError } from "../../base/errors.ts";

/** A file of learned tokens. */
export interface EmbeddingFile {
  readonly file: string;
  /** Name of its only token, in the place of its own. */
  readonly token: string | undefined;
}

const isFile = (file: string): boolean =>
  statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;

/**
 * Reads `FILE` or `TOKEN=FILE`, as users type it.
 *
 * @param attempt begins the message of an error, such as `Cannot read`
 * @throws {InputError} when there is no such file
 */
export function readEmbeddingFile(text: string, attempt: string): EmbeddingFile {
  if (isFile(text)) return { file: text, token: undefined };
  const [, token, file = text] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (isFile(file)) return { file, token };
  throw new InputError(`${attempt} ${file}: no such file`);
}
