import { spawn } from "node:child_process";
import path from "node:path";

const program = path.resolve(import.meta.dirname, "../../framework/cli/seedbed.js");

/**
 * Runs the installed command in a process of its own.
 *
 * @param environment beside this process's
 * @returns its exit code, null after a signal, and all that it printed
 */
export function runCommand(
  args: readonly string[],
  cwd: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; text: string }> {
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, [program, ...args], { cwd, env });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => (text += part));
  }
  return new Promise((resolve) => {
    child.on("close", (code) => resolve({ code, text }));
  });
}
