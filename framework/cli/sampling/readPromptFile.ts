import { readFileSync, statSync } from "node:fs";

import { InputError } from "../../base/errors.ts";

/**
 * Prompts of a file, one in each line that is not blank.
 *
 * @throws {InputError} when there is no such file, or nothing in it
 */
export function readPromptFile(file: string): string[] {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new InputError(`Cannot read --prompts ${file}: no such file`);
  }
  const lines = readFileSync(file, "utf8").split("\n");
  const prompts = lines.map((line) => line.trim()).filter((line) => line !== "");
  if (prompts.length > 0) return prompts;
  throw new InputError(`Cannot read --prompts ${file}: expected a prompt in each line, got none`);
}
