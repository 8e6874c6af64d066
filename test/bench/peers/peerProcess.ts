import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";

import { peerTitles, type Peer, type PeerName, type PeerTurn, type PeerWork } from "./peer.ts";

/** A peer that can be started on this machine. */
export interface InstalledPeer {
  name: PeerName;
  /** Name and version. */
  title: string;
  command: string;
  args: readonly string[];
}

/** A peer in a process of its own. It reads a JSON command a line, and answers each with one. */
export class PeerProcess implements Peer {
  readonly name: PeerName;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  private constructor({ name, command, args }: Omit<InstalledPeer, "title">, threads: number) {
    this.name = name;
    // TensorFlow takes its threads from here, and is silent about the processor
    const env = {
      ...process.env,
      TF_NUM_INTRAOP_THREADS: String(threads),
      TF_CPP_MIN_LOG_LEVEL: "3",
    };
    this.#process = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], env });
    this.#process.stderr.pipe(process.stderr);
    this.#process.stdin.on("error", () => {}); // the missing answer says that the process ended
    this.#process.on("error", () => {});
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Starts the process and gives it as many threads as we have. */
  static async start(
    peer: Omit<InstalledPeer, "title">,
    threads: number,
  ): Promise<{ peer: PeerProcess; greeting: Readonly<Record<string, unknown>> }> {
    const started = new PeerProcess(peer, threads);
    try {
      return { peer: started, greeting: await started.#ask({ command: "hello", threads }) };
    } catch (error) {
      started.stop();
      throw error;
    }
  }

  async prepare(work: PeerWork): Promise<void> {
    await this.#ask(work);
  }

  async run(): Promise<PeerTurn> {
    const { ms, loss } = await this.#ask({ command: "step" });
    if (typeof ms !== "number") {
      throw new TypeError(`Cannot read ${peerTitles[this.name]}'s time: got ${String(ms)}`);
    }
    return { ms, loss: typeof loss === "number" ? loss : undefined };
  }

  async peakMb(): Promise<number> {
    return Number((await this.#ask({ command: "memory" }))["peakMb"]);
  }

  stop(): void {
    this.#process.stdin.end();
  }

  async #ask(command: Record<string, unknown>): Promise<Record<string, unknown>> {
    const title = peerTitles[this.name];
    this.#process.stdin.write(`${JSON.stringify(command)}\n`);
    const { done, value } = await this.#answers.next();
    if (done) throw new Error(`Cannot compare with ${title}: its process ended`);
    const answer: unknown = JSON.parse(value);
    if (typeof answer !== "object" || answer === null) {
      throw new TypeError(`Cannot compare with ${title}: it answered ${value}`);
    }
    const entries = Object.fromEntries(Object.entries(answer));
    if ("error" in entries) {
      throw new Error(`Cannot compare with ${title}: ${String(entries["error"])}`);
    }
    return entries;
  }
}
