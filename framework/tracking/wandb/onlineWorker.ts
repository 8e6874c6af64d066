/**
 * Runs in a thread of its own: @wandb/sdk throws from listeners, prints, hangs and takes over
 * signals, none of which may reach training. It takes a refused upload for a success and sends
 * nothing twice, so that all it sends is watched here. Speaks `ToWorker` and `FromWorker`.
 */
import { parentPort, workerData } from "node:worker_threads";

import "./silence.ts";

import { wandb } from "@wandb/sdk";

import { WandbAcknowledged } from "./acknowledged.ts";
import type { FromWorker, ToWorker } from "./online.ts";
import { watchTraffic } from "./traffic.ts";

type OnlineRun = Awaited<ReturnType<typeof wandb.init>>;

function tell(message: FromWorker): void {
  parentPort?.postMessage(message);
}

function lose(reason: string): void {
  tell({ kind: "lost", reason, confirmedRows: acknowledged.rows });
}

const acknowledged = new WandbAcknowledged();
let loggedRows = 0;

async function handle(message: ToWorker, run: OnlineRun): Promise<void> {
  switch (message.kind) {
    case "log":
      loggedRows++;
      run.log(message.row, message.step, true);
      break;
    case "finish": {
      await run.finish(message.exitCode);
      const missing = acknowledged.missing(loggedRows);
      if (missing === undefined) tell({ kind: "finished", rows: loggedRows });
      else lose(missing);
      break;
    }
    default:
      message satisfies never;
  }
}

const { requestTimeoutSeconds, ...options } = workerData;
watchTraffic({
  timeoutSeconds: requestTimeoutSeconds,
  onFailure: lose,
  onExchange(exchange) {
    const problem = acknowledged.take(exchange);
    if (problem !== undefined) lose(problem);
  },
});
try {
  const starting = wandb.init(options);
  const run = await starting;
  tell({ kind: "ready", url: run.url() });
  let last = Promise.resolve();
  parentPort?.on("message", (message: ToWorker) => {
    last = last.then(() => handle(message, run));
  });
} catch (error) {
  lose(error instanceof Error ? error.message : String(error));
}
