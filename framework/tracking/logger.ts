/** What is known of one moment of training: which optimizer step, and when. */
export interface LogPoint {
  /** Optimizer steps finished when the values were measured. */
  step: number;
  epoch: number;
  /** Seconds since 1970, for display only: nothing may be decided by it. */
  wallTimeSeconds: number;
}

/** An encoded picture to log. */
export interface LoggedImage {
  png: Uint8Array;
  width: number;
  height: number;
  caption?: string;
}

/** How many values lie between each two edges; the edges grow and are one more than the counts. */
export interface HistogramBins {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** A distribution to log: bins, or the values themselves, which the logger counts. */
export type LoggedHistogram = HistogramBins | { readonly values: ArrayLike<number> };

/** How a run ended. */
export type RunOutcome = "finished" | "failed" | "interrupted";

/** What a run ends with, by name. */
export type RunSummary = Readonly<Record<string, number | string>>;

/** A sink of one run's record: TensorBoard, W&B, JSON lines. One sink, one file. */
export interface Logger {
  readonly name: string;
  /** The run's resolved settings, once, before any metric. */
  logHyperparameters(parameters: Readonly<Record<string, unknown>>): void | Promise<void>;
  /** Scalars of one point; keys such as `train/loss`. NaN and infinities are legal. */
  logMetrics(metrics: Readonly<Record<string, number>>, point: LogPoint): void | Promise<void>;
  logImages(key: string, images: readonly LoggedImage[], point: LogPoint): void | Promise<void>;
  logHistogram(key: string, histogram: LoggedHistogram, point: LogPoint): void | Promise<void>;
  logText(key: string, text: string, point: LogPoint): void | Promise<void>;
  /** Makes all that was logged so far durable; called before a checkpoint counts as saved. */
  flush(): void | Promise<void>;
  /**
   * Closes the sink. Nothing is logged after it.
   *
   * @param summary the run's last words, such as its final scores
   */
  finalize(outcome: RunOutcome, summary?: RunSummary): void | Promise<void>;
}
