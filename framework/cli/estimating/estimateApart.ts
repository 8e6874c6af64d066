import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

import { InputError } from "../../base/errors.ts";

const program = path.resolve(import.meta.dirname, "../seedbed.js");

/**
 * Estimates a spec in a process of its own, whose memory is nobody else's.
 *
 * @param words the spec and its overrides
 * @throws {InputError} with what the process said, when it cannot
 */
export async function estimateApart(words: readonly string[], runsFolder: string): Promise<number> {
  const args = [program, "estimate", ...words, "--runs", runsFolder, "--bytes"];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
    return Number(stdout.trim().split("\n").at(-1));
  } catch (cause) {
    const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : "";
    throw new InputError(said || `Cannot estimate ${words.join(" ")}`, { cause });
  }
}
