import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("peer.py", import.meta.url));

/** The command that gives the other side its work; see `peer.py`. */
export type PeerWork = { command: "load" | "operation" } & Record<string, unknown>;

/** A Python that can import torch. */
export interface Python {
  path: string;
  /** Version of torch. */
  torch: string;
}

/**
 * The Python at `path`, or where `path` is not given, that of the environment variable
 * SEEDBED_BENCH_PYTHON, or `python3`.
 *
 * @returns undefined when nobody asked for one and `python3` has no torch
 * @throws {Error} when the one asked for has no torch
 */
export function findPython(
  path: string | undefined = process.env["SEEDBED_BENCH_PYTHON"],
): Python | undefined {
  const command = path ?? "python3";
  const check = "import torch; print(torch.__version__)";
  const { status, stdout, stderr, error } = spawnSync(command, ["-c", check], { encoding: "utf8" });
  if (status === 0) return { path: command, torch: stdout.trim() };
  if (path === undefined) return undefined;
  const reason = error?.message ?? stderr.trim().split("\n").at(-1);
  throw new Error(`Cannot compare with PyTorch: ${command} cannot import torch: ${reason}`);
}

/** PyTorch in a process of its own, which works only when told to. */
export class Peer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  private constructor(python: string) {
    this.#process = spawn(python, [script], { stdio: ["pipe", "pipe", "pipe"] });
    this.#process.stderr.pipe(process.stderr);
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Starts the process and gives it as many threads as we have. */
  static async start(python: string, threads: number): Promise<Peer> {
    const peer = new Peer(python);
    await peer.#ask({ command: "hello", threads });
    return peer;
  }

  async prepare(work: PeerWork): Promise<void> {
    await this.#ask(work);
  }

  /** Does the work once. The time is taken over there, without the way to and fro. */
  async run(): Promise<{ ms: number; loss: number | undefined }> {
    const { ms, loss } = await this.#ask({ command: "step" });
    if (typeof ms !== "number")
      throw new TypeError(`Cannot read PyTorch's time: got ${String(ms)}`);
    return { ms, loss: typeof loss === "number" ? loss : undefined };
  }

  /** Most memory the process has had, in millions of bytes. */
  async peakMb(): Promise<number> {
    return Number((await this.#ask({ command: "memory" }))["peakMb"]);
  }

  stop(): void {
    this.#process.stdin.end();
  }

  async #ask(command: Record<string, unknown>): Promise<Record<string, unknown>> {
    this.#process.stdin.write(`${JSON.stringify(command)}\n`);
    const { done, value } = await this.#answers.next();
    if (done) throw new Error("Cannot compare with PyTorch: its process ended");
    const answer: unknown = JSON.parse(value);
    if (typeof answer !== "object" || answer === null) {
      throw new TypeError(`Cannot compare with PyTorch: it answered ${value}`);
    }
    const entries = Object.fromEntries(Object.entries(answer));
    if ("error" in entries) {
      throw new Error(`Cannot compare with PyTorch: ${String(entries["error"])}`);
    }
    return entries;
  }
}
