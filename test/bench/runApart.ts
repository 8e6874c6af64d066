import { fork } from "node:child_process";
import path from "node:path";

import { bundledScript } from "./scriptBundle.ts";

/** A process was ended, lest the system end it or another. */
export class MemoryShortageError extends Error {
  override readonly name = "MemoryShortageError";
}

const watchMs = 500;

/**
 * Runs a script beside this one in a process of its own.
 *
 * @param script relative to this folder
 * @param isResult recognises the message that it sends in the end
 * @param leastFreeBytes the process is ended when the machine has less; default: it never is
 * @throws {MemoryShortageError} when it was ended for that
 * @throws {Error} when the process ends without a result
 */
export async function runApart<T>(
  script: string,
  args: readonly string[],
  isResult: (message: unknown) => message is T,
  leastFreeBytes = 0,
): Promise<T> {
  const file = await bundledScript(path.join(import.meta.dirname, script));
  const child = fork(file, args, { execArgv: [] });
  return await new Promise((resolve, reject) => {
    let result: T | undefined;
    const watch = setInterval(() => {
      if (process.availableMemory() >= leastFreeBytes) return;
      child.kill("SIGKILL");
      reject(new MemoryShortageError(`Cannot measure by ${script} ${args[0]}: memory got short`));
    }, watchMs);
    child.on("message", (message) => {
      if (isResult(message)) result = message;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(watch);
      if (result) resolve(result);
      else reject(new Error(`Cannot measure by ${script} ${args[0]}: it ended with ${code}`));
    });
  });
}
