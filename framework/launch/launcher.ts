/** A process to be started. */
export interface LaunchTask {
  /** Word by word, the program first. */
  readonly command: readonly string[];
  /** Takes all that the process prints, after what is there. */
  readonly logFile: string;
}

/** How a process ended. */
export interface LaunchEnd {
  /** Null after a signal. */
  readonly exitCode: number | null;
  /** Such as `SIGKILL`. */
  readonly signal: string | null;
}

/** A process that was started. */
export interface LaunchedTask {
  readonly ended: Promise<LaunchEnd>;
  /** Asks it to save its work and end. */
  stop(): void;
}

/** Starts processes somewhere. What it has started stops when the process that asked for it ends. */
export interface Launcher {
  readonly name: string;
  /** @throws {InputError} from `ended` when the program cannot be started */
  launch(task: LaunchTask): LaunchedTask;
}
