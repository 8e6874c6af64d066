import { captureConsole, type PrintedStream } from "./captureConsole.ts";
import { ConsoleLog, consoleFileName, type ConsoleStream } from "./consoleLog.ts";
import { SystemMonitor } from "./systemMonitor.ts";

export interface ProcessRecordOptions {
  /** The run's folder. */
  folder: string;
  /** Whether to keep what the process prints. */
  consoleOutput: boolean;
  /** How often to look at the machine; 0: never. */
  systemMetricsSeconds: number;
  /** Takes one line for the person watching. */
  warn: (message: string) => void;
  /** Where the process prints to; its standard streams when absent. */
  streams?: Readonly<Record<ConsoleStream, PrintedStream>>;
}

/**
 * Keeps what this process prints and what its machine is doing, in the folder of the run that it
 * carries out. A run goes on without when that cannot be written.
 */
export class ProcessRecord {
  readonly #options: ProcessRecordOptions;
  readonly #monitor: SystemMonitor | undefined;
  readonly #release: () => void;
  #console: ConsoleLog | undefined;

  constructor(options: ProcessRecordOptions) {
    const { folder, consoleOutput, systemMetricsSeconds, warn, streams } = options;
    this.#options = options;
    if (consoleOutput) this.#console = new ConsoleLog({ folder });
    this.#release = captureConsole(
      (stream, chunk) => this.#keep((log) => log.write(stream, chunk)),
      streams,
    );
    if (systemMetricsSeconds > 0) {
      this.#monitor = new SystemMonitor({ folder, everySeconds: systemMetricsSeconds, warn });
    }
  }

  /** Keeps a line that the process will print only after `stop`. */
  say(text: string): void {
    this.#keep((log) => log.say("stderr", text));
  }

  async stop(): Promise<void> {
    await this.#monitor?.stop();
    this.#release();
    this.#keep((log) => log.close());
    this.#console = undefined;
  }

  #keep(action: (log: ConsoleLog) => void): void {
    const log = this.#console;
    if (!log) return;
    this.#console = undefined; // what is printed meanwhile is about this, and not kept
    try {
      action(log);
      this.#console = log;
    } catch (error) {
      this.#options.warn(
        `Cannot go on with ${this.#options.folder}/${consoleFileName}: ${String(error)}`,
      );
    }
  }
}
