export type Reduction = "mean" | "sum" | "min" | "max";

/** How a value is logged; Lightning's arguments of `log`. */
export interface LogOptions {
  /** Log each step's value. Default: in the hooks of training batches, not elsewhere. */
  onStep?: boolean;
  /** Log what the values of an epoch reduce to. Default: in evaluation and in epoch hooks. */
  onEpoch?: boolean;
  /** How an epoch's values become one. Default: mean, weighted by `batchSize`. */
  reduceFx?: Reduction;
  /** Show it in the progress bar. Default: no. */
  progBar?: boolean;
  /** Send it to the loggers; otherwise it is a metric for callbacks alone. Default: yes. */
  logger?: boolean;
  /** Weight of the value in a mean. Default: length of the batch's first axis; 1 in epoch hooks. */
  batchSize?: number;
  /**
   * With several workers: reduce the value over all of them by `reduceFx`, rather than take rank
   * 0's. Default: yes, since it costs nothing; Lightning's is no. In training this concerns what is
   * logged inside a recorded step; what hooks log outside is each worker's own.
   */
  syncDist?: boolean;
  /** With several loaders, put `/dataloader_idx_N` behind the name. Default: yes. */
  addDataloaderIdx?: boolean;
}

/** Where a value is logged: this decides the defaults, and what may be asked for. */
export type LogScope = "trainBatch" | "evaluation" | "epoch" | "now";

/** Options complete. */
export interface LogEntry {
  readonly onStep: boolean;
  readonly onEpoch: boolean;
  readonly reduceFx: Reduction;
  readonly progBar: boolean;
  readonly logger: boolean;
  readonly batchSize: number | undefined;
  readonly addDataloaderIdx: boolean;
  readonly syncDist: boolean;
}

const reductions: readonly string[] = ["mean", "sum", "min", "max"] satisfies Reduction[];

/** @throws {RangeError} when the name or the options cannot be used there */
export function resolveLogOptions(
  name: string,
  { onStep, onEpoch, reduceFx = "mean", batchSize, ...flags }: LogOptions,
  scope: LogScope,
): LogEntry {
  const { progBar = false, logger = true, addDataloaderIdx = true, syncDist = true } = flags;
  const atOnce = scope === "trainBatch" || scope === "now";
  const entry = { onStep: onStep ?? atOnce, onEpoch: onEpoch ?? !atOnce };
  const refuse = (problem: string): never => {
    throw new RangeError(`Cannot log "${name}": ${problem}`);
  };
  if (name.includes("/dataloader_idx_")) refuse("/dataloader_idx_ is put behind names by itself");
  if (!reductions.includes(reduceFx)) {
    refuse(`expected reduceFx to be one of ${reductions.join(", ")}, got ${reduceFx}`);
  }
  if (!entry.onStep && !entry.onEpoch) refuse("expected onStep or onEpoch, got neither");
  if (scope === "epoch" && entry.onStep) refuse("onStep needs a batch, expected onEpoch here");
  if (scope === "now" && entry.onEpoch) refuse("onEpoch needs an epoch, expected onStep here");
  return { ...entry, reduceFx, progBar, logger, batchSize, addDataloaderIdx, syncDist };
}

/** The name under which a value goes to the loggers: told apart when it goes there twice. */
export function loggedName(
  name: string,
  { onStep, onEpoch }: LogEntry,
  of: "step" | "epoch",
): string {
  return onStep && onEpoch ? `${name}_${of}` : name;
}
