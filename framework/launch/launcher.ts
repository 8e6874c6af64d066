/** A process to be started. */
export interface LaunchTask {
  /** Word by word, the program first. */
  readonly command: readonly string[];
  /** Takes all that the process prints, after what is there. */
  readonly logFile: string;
  /** Of this task alone. It is there, and every machine that may run the task sees it. */
  readonly folder: string;
  /** In a word, for tables of what runs: letters, digits, `.`, `_` and `-`. */
  readonly title: string;
  /** What the task's own files say of it, which counts more than what others say. */
  state(): "running" | "finished" | "unknown";
}

/** How a process ended. */
export interface LaunchEnd {
  /** Null after a signal, and where nobody knows. */
  readonly exitCode: number | null;
  /** Such as `SIGKILL`. */
  readonly signal: string | null;
  /** What there is to say beside exit code and signal. */
  readonly reason?: string;
  /** Whether another try is not wanted, or would end the same way. */
  readonly isFinal?: boolean;
}

/** A process that was started. */
export interface LaunchedTask {
  readonly ended: Promise<LaunchEnd>;
  /**
   * Waits a while, after that, until nothing prints into the log file any more; left out: nothing does.
   *
   * @throws {InputError} when something still may
   */
  logClosed?(): Promise<void>;
  /** Asks it to save its work and end. */
  stop(): void;
}

/**
 * Starts processes somewhere. What it has started stops when the process that asked for it ends, or
 * is taken up again by a later `launch` for the same folder.
 */
export interface Launcher {
  readonly name: string;
  /** @throws {InputError} from `ended` when the program cannot be started */
  launch(task: LaunchTask): LaunchedTask;
  /** Whether something that was launched for the folder, be it by an earlier process, still waits or runs. */
  holds?(folder: string): Promise<boolean>;
}

/** A launcher that knows how much it can do. */
export interface ConfiguredLauncher extends Launcher {
  /** Tasks that it is to be given at once. */
  readonly parallel: number;
  /** Threads of each process. */
  readonly threads: number;
  /** By what a process notices that this one is gone; undefined: it goes on without. */
  readonly lifeline?: Lifeline;
  /**
   * Looks whether tasks can be started.
   *
   * @throws {InputError} when they cannot
   */
  check(): Promise<void>;
}

/** `channel` is Node's to the parent process, `input` the standard input. */
export type Lifeline = "channel" | "input";

/** What launchers are told by the command that uses them. */
export interface LaunchSetting {
  /** Tasks at once, in the place of what the launcher's keys say. */
  readonly parallel?: number;
  /** How many tasks could all be started at once, as none depends on another; undefined: few. */
  readonly ready?: number;
  /** Told of what the user should know, line by line. */
  readonly warn: (line: string) => void;
}
