import { Worker } from "node:worker_threads";

import {
  Progress,
  type FuzzFailure,
  type TargetResult,
  type ThreadData,
  type ThreadMessage,
} from "./messages.ts";

export interface RunTargetsOptions extends Pick<
  ThreadData,
  "targets" | "seed" | "inputs" | "input"
> {
  /** For all of them. */
  readonly seconds: number;
  /** CPU seconds after which an input is taken to have no end. Default: 10. */
  readonly hangSeconds?: number;
  readonly ended: (result: TargetResult, failures: readonly FuzzFailure[]) => void;
}

const resourceLimits = { maxOldGenerationSizeMb: 1536 };
/** Memory of the process, in bytes, with all that native code holds. */
const mostResident = 2.5 * 2 ** 30;
/** A target that ends its thread so often is given up. */
const mostThreads = 5;

/**
 * Feeds targets in a thread, which is ended where an input has no end or takes all memory; another
 * goes on behind that input.
 */
export async function runTargets(options: RunTargetsOptions): Promise<void> {
  const { seed, inputs, input, hangSeconds = 10 } = options;
  const endMs = Date.now() + options.seconds * 1000;
  let targets = options.targets;
  let corpus: Uint8Array[] = [];
  let failures: FuzzFailure[] = [];
  let [from, threads] = [0, 0];
  while (targets.length > 0) {
    const progress = new Progress();
    const startMs = performance.now();
    let isTired = false;
    const end = (result: TargetResult): void => {
      options.ended(result, failures);
      targets = targets.slice(1);
      [corpus, failures, from, threads] = [[], [], 0, 0];
    };
    const data = { targets, seed, inputs, input, corpus, from, endMs, progress: progress.buffer };
    const failure = await runThread({ data, progress, hangSeconds }, (message) => {
      if (message.kind === "found") corpus.push(message.input);
      else if (message.kind === "failed") failures.push(message.failure);
      else if (message.kind === "tired") [from, isTired] = [message.next, true];
      else end(message.result);
    });
    if (isTired) continue;
    if (!failure) return;
    failures.push(failure);
    from = progress.done + 1;
    if (++threads < mostThreads && from < inputs) continue;
    const seconds = (performance.now() - startMs) / 1000;
    const numbers = { inputs: progress.done, kept: corpus.length, covered: 0, slowestMs: NaN };
    end({ target: targets[0]!, seconds, ...numbers });
  }
}

/** @returns why it was ended, or ended itself, before its last input */
function runThread(
  thread: { data: ThreadData; progress: Progress; hangSeconds: number },
  hear: (message: ThreadMessage) => void,
): Promise<FuzzFailure | undefined> {
  const { data, progress, hangSeconds } = thread;
  return new Promise((resolve) => {
    const worker = new Worker(new URL("./fuzzThread.mjs", import.meta.url), {
      workerData: data,
      resourceLimits,
    });
    let failure: FuzzFailure | undefined;
    const fail = (signature: string, detail: string): void => {
      failure ??= { signature, detail, input: progress.input };
    };
    let [seen, cpu] = [-1, process.cpuUsage()];
    const timer = setInterval(() => {
      if (progress.begun !== seen || !progress.isBusy)
        [seen, cpu] = [progress.begun, process.cpuUsage()];
      const { user, system } = process.cpuUsage(cpu);
      if ((user + system) / 1e6 > hangSeconds)
        fail("hang", `no end within ${hangSeconds} CPU seconds`);
      if (process.memoryUsage.rss() > mostResident)
        fail("memory", "the process has grown too large");
      if (!failure) return;
      clearInterval(timer);
      void worker.terminate();
    }, 200);
    worker.on("message", hear);
    worker.on("error", (error) =>
      fail(`thread: ${error.message.slice(0, 80)}`, String(error.stack)),
    );
    worker.on("exit", (code) => {
      clearInterval(timer);
      if (code !== 0) fail("thread", `the thread has ended with ${code}`);
      resolve(failure);
    });
  });
}
