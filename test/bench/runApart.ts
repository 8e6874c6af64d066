import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Runs a script beside this one in a process of its own.
 *
 * @param script relative to this folder
 * @param isResult recognises the message that it sends in the end
 * @throws {Error} when the process ends without one
 */
export async function runApart<T>(
  script: string,
  args: readonly string[],
  isResult: (message: unknown) => message is T,
): Promise<T> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), args);
  return await new Promise((resolve, reject) => {
    let result: T | undefined;
    child.on("message", (message) => {
      if (isResult(message)) result = message;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (result) resolve(result);
      else reject(new Error(`Cannot measure by ${script} ${args[0]}: it ended with ${code}`));
    });
  });
}
