import type { Worker } from "node:worker_threads";

import { startThread } from "../../base/bundle.ts";
import type { Parameters } from "../parameters.ts";
import { secretRedactor } from "../redactSecrets.ts";
import { plainValue } from "./json.ts";
import type { WandbRunInfo } from "./runInfo.ts";
import { wandbBaseUrl } from "./sync/credentials.ts";

/** Sent to the thread that holds the SDK. */
export type ToWorker =
  | { kind: "log"; row: Record<string, unknown>; step: number }
  | { kind: "finish"; exitCode: number };

/** Sent by the thread that holds the SDK. */
export type FromWorker =
  | { kind: "ready"; url: string }
  /** Something did not arrive at W&B. */
  | { kind: "lost"; reason: string; confirmedRows: number }
  /** W&B has confirmed every row, and the end. */
  | { kind: "finished"; rows: number };

export interface WandbOnlineOptions {
  info: WandbRunInfo;
  /** Where WANDB_API_KEY and WANDB_BASE_URL come from. */
  environment: NodeJS.ProcessEnv;
  /**
   * Takes the reason, once, when W&B misses anything. The rest of the run is not sent.
   *
   * @param confirmedRows rows from the first that W&B has for certain
   */
  onLost(reason: string, confirmedRows: number): void;
  /** Takes the address of the run's page, when W&B has accepted the run. */
  onReady?(url: string): void;
  initTimeoutSeconds?: number;
  /** How long W&B may take to answer one request. */
  requestTimeoutSeconds?: number;
  finishTimeoutSeconds?: number;
}

/** Whether the environment asks for streaming: a key is set and the mode is not offline. */
export function wantsOnline(environment: NodeJS.ProcessEnv): boolean {
  const mode = environment["WANDB_MODE"] ?? "online";
  return Boolean(environment["WANDB_API_KEY"]) && !["offline", "disabled", "dryrun"].includes(mode);
}

/**
 * Streams rows to W&B through @wandb/sdk, in a thread of its own. Never throws and never holds
 * the process: what goes wrong is told to `onLost`.
 */
export class WandbOnlineRun {
  readonly #worker: Worker;
  readonly #options: WandbOnlineOptions;
  readonly #ended: Promise<void>;
  #endThread: () => void = () => {};
  #initTimer: NodeJS.Timeout;
  #isLost = false;
  #confirmedRows: number | undefined;

  constructor(options: WandbOnlineOptions) {
    const { info, environment, initTimeoutSeconds = 30, requestTimeoutSeconds = 60 } = options;
    const { runId: id, project, entity, displayName: name } = info;
    const config = sdkConfig(info.config, environment);
    this.#options = options;
    this.#worker = startSender(
      { id, project, entity, name, config, settings: settings(environment), requestTimeoutSeconds },
      environment,
    );
    this.#ended = new Promise((resolve) => (this.#endThread = resolve));
    this.#initTimer = setTimeout(
      () => this.#lose(`no answer in ${initTimeoutSeconds} seconds`),
      initTimeoutSeconds * 1000,
    ).unref();
    this.#worker.on("message", (message: FromWorker) => this.#receive(message));
    this.#worker.on("error", (error) => this.#lose(error.message));
    this.#worker.on("exit", () => {
      if (this.#confirmedRows === undefined) this.#lose("its thread ended");
      this.#endThread();
    });
    this.#worker.unref();
  }

  /** Steps must grow from row to row. */
  log(row: Record<string, unknown>, step: number): void {
    this.#send({ kind: "log", row, step });
  }

  /**
   * Waits until W&B has everything, but not for long.
   *
   * @returns rows that W&B has confirmed; undefined when it misses anything
   */
  async finish(exitCode: number): Promise<number | undefined> {
    const { finishTimeoutSeconds = 60 } = this.#options;
    this.#send({ kind: "finish", exitCode });
    const timer = setTimeout(
      () => this.#lose(`not finished in ${finishTimeoutSeconds} seconds`),
      finishTimeoutSeconds * 1000,
    );
    await this.#ended;
    clearTimeout(timer);
    clearTimeout(this.#initTimer);
    return this.#confirmedRows;
  }

  #send(message: ToWorker): void {
    if (!this.#isLost) this.#worker.postMessage(message);
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case "ready":
        clearTimeout(this.#initTimer);
        if (!this.#isLost) this.#options.onReady?.(message.url);
        break;
      case "lost":
        this.#lose(message.reason, message.confirmedRows);
        break;
      case "finished":
        this.#confirmedRows = message.rows;
        this.#stop();
        break;
      default:
        message satisfies never;
    }
  }

  #lose(reason: string, confirmedRows = 0): void {
    if (this.#isLost) return;
    this.#isLost = true;
    const key = this.#options.environment["WANDB_API_KEY"];
    this.#options.onLost(key ? reason.replaceAll(key, "[key]") : reason, confirmedRows);
    this.#stop();
  }

  #stop(): void {
    clearTimeout(this.#initTimer);
    void this.#worker.terminate().finally(this.#endThread);
  }
}

/** As W&B's programs for Python send it, each entry under `value`; the SDK sends it as it gets it. */
function sdkConfig(config: Parameters, environment: NodeJS.ProcessEnv): unknown {
  const entries = Object.entries(config).map(([key, value]) => [key, { value: value ?? null }]);
  return plainValue(Object.fromEntries(entries), secretRedactor(environment));
}

function settings(environment: NodeJS.ProcessEnv): object {
  return {
    apiKey: environment["WANDB_API_KEY"],
    baseUrl: wandbBaseUrl(environment),
    silent: true,
  };
}

/** What the thread prints reaches nobody. */
function startSender(workerData: object, environment: NodeJS.ProcessEnv): Worker {
  return startThread("tracking/wandb/onlineWorker", {
    workerData,
    env: { ...environment },
    stdout: true,
    stderr: true,
  });
}
