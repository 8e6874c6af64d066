import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { buildSync } from "esbuild";

import { planVariable, type Fault, type FaultPlan } from "./fault.ts";

export interface FaultyProcessOptions {
  readonly args: readonly string[];
  readonly cwd: string;
  /** Files elsewhere are left alone. */
  readonly root: string;
  /** For what is noted of the process, outside of `root`. */
  readonly notes: string;
  readonly fault?: Fault;
  /** When to kill the process from outside, in ms after its start. */
  readonly killAfterMs?: number;
  /** Gets a line for each call that changes a file. */
  readonly census?: string;
  readonly jumpingClock?: boolean;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The most private memory that the process may write to, in kB: what is asked for beyond that is refused. */
  readonly mostMemoryKb?: number;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** All that it printed. */
  readonly text: string;
  /** The call at which the fault happened; undefined when it did not. */
  readonly happened: string | undefined;
  readonly killedByTimer: boolean;
}

/** Compiles what is loaded into processes, once. @returns the path of a module */
function compileHook(name: string, notes: string): string {
  const outfile = path.join(notes, `${name}.mjs`);
  if (!existsSync(outfile)) {
    buildSync({
      entryPoints: [path.join(import.meta.dirname, `${name}.ts`)],
      ...{ outfile, bundle: true, platform: "node", format: "esm" },
    });
  }
  return outfile;
}

/** Runs Node with `args` while something goes wrong with its files, or its clock, until it ends. */
export async function runFaultyProcess(options: FaultyProcessOptions): Promise<ProcessEnd> {
  const { args, cwd, root, notes, fault, killAfterMs, census, jumpingClock = false } = options;
  const { env, mostMemoryKb } = options;
  const happened = path.join(notes, "happened");
  rmSync(happened, { force: true });
  const plan: FaultPlan = { root, happened, ...(fault && { fault }), ...(census && { census }) };
  const hooks = ["faultyFiles", ...(jumpingClock ? ["clockJumps"] : [])].map(
    (name) => `--import=${pathToFileURL(compileHook(name, notes)).href}`,
  );
  const command = [process.execPath, ...args];
  const limited =
    mostMemoryKb === undefined
      ? command
      : ["bash", "-c", `ulimit -d ${mostMemoryKb}; exec "$@"`, "bash", ...command];
  const child = spawn(limited[0]!, limited.slice(1), {
    cwd,
    env: {
      ...process.env,
      ...env,
      NODE_OPTIONS: hooks.join(" "),
      [planVariable]: JSON.stringify(plan),
    },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => (text += part));
  }
  let killedByTimer = false;
  const kill = (): void => {
    killedByTimer = child.kill("SIGKILL");
  };
  const timer = killAfterMs === undefined ? undefined : setTimeout(kill, killAfterMs);
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const call = existsSync(happened) ? readFileSync(happened, "utf8").trim() : undefined;
      resolve({ code, signal, text, happened: call, killedByTimer });
    });
  });
}
