import { gpuMetrics } from "./gpuMetrics.ts";
import { openSystemLog } from "./systemLog.ts";
import { SystemProbe } from "./systemProbe.ts";

export interface SystemMonitorOptions {
  /** The run's folder. */
  folder: string;
  everySeconds: number;
  /** Takes one line for the person watching. */
  warn?: (message: string) => void;
  environment?: NodeJS.ProcessEnv;
}

/** Writes what the machine is doing to a run's `system.jsonl`, at once and every few seconds. */
export class SystemMonitor {
  readonly #log;
  readonly #probe;
  readonly #options: Required<SystemMonitorOptions>;
  readonly #timer: NodeJS.Timeout;
  #hasGpus = true;
  #looking: Promise<void> | undefined;

  constructor({
    folder,
    everySeconds,
    warn = console.warn,
    environment = process.env,
  }: SystemMonitorOptions) {
    this.#options = { folder, everySeconds, warn, environment };
    this.#log = openSystemLog(folder);
    this.#probe = new SystemProbe(folder);
    this.#timer = setInterval(() => this.#look(), everySeconds * 1000).unref();
    this.#look();
  }

  /** Looks once more, and closes the file. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    this.#look();
    await this.#looking;
    this.#log.close();
  }

  /** One look at a time: a machine that is slow to answer is asked less often. */
  #look(): void {
    this.#looking ??= this.#write().finally(() => (this.#looking = undefined));
  }

  /** A full disk must not end a run from within a timer. */
  async #write(): Promise<void> {
    try {
      const time = Date.now() / 1000;
      const metrics = this.#probe.look();
      const gpus = this.#hasGpus ? await gpuMetrics(this.#options.environment) : undefined;
      this.#hasGpus = gpus !== undefined;
      this.#log.write({ time, metrics: { ...metrics, ...gpus } });
    } catch (error) {
      clearInterval(this.#timer);
      this.#options.warn(
        `Cannot go on with ${this.#options.folder}/system.jsonl: ${String(error)}`,
      );
    }
  }
}
