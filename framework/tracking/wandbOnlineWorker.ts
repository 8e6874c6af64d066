/**
 * Runs in a thread of its own: @wandb/sdk throws from listeners, prints, hangs and takes over
 * signals, none of which may reach training. Speaks `ToWorker` and `FromWorker`.
 */
import { subscribe } from "node:diagnostics_channel";
import { ClientRequest } from "node:http";
import { parentPort, workerData } from "node:worker_threads";

import { wandb } from "@wandb/sdk";

import type { FromWorker, ToWorker } from "./wandbOnline.ts";

type OnlineRun = Awaited<ReturnType<typeof wandb.init>>;

function tell(message: FromWorker): void {
  parentPort?.postMessage(message);
}

/** The SDK takes a refused upload for a success, and never sends anything twice. */
function watchRequests(): void {
  subscribe("http.client.request.start", (message) => {
    if (typeof message !== "object" || message === null || !("request" in message)) return;
    const { request } = message;
    if (!(request instanceof ClientRequest)) return;
    request.once("response", ({ statusCode = 0 }) => {
      if (statusCode >= 400)
        tell({ kind: "lost", reason: `the server answered HTTP ${statusCode}` });
    });
    request.once("error", (error) => tell({ kind: "lost", reason: error.message }));
  });
}

async function handle(message: ToWorker, run: OnlineRun): Promise<void> {
  switch (message.kind) {
    case "log":
      run.log(message.row, message.step, true);
      break;
    case "finish":
      await run.finish(message.exitCode);
      tell({ kind: "finished" });
      break;
    default:
      message satisfies never;
  }
}

watchRequests();
try {
  const starting = wandb.init(workerData);
  const run = await starting;
  tell({ kind: "ready", url: run.url() });
  let last = Promise.resolve();
  parentPort?.on("message", (message: ToWorker) => {
    last = last.then(() => handle(message, run));
  });
} catch (error) {
  tell({ kind: "lost", reason: error instanceof Error ? error.message : String(error) });
}
