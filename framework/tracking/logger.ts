import type { Pieces } from "./pieces.ts";
import type { RunArtifact } from "./runArtifact.ts";
import type { RunOutcome, RunSummary } from "./runOutcome.ts";

/** What is known of one moment of training: which optimizer step, and when. */
export interface LogPoint {
  /** Optimizer steps finished when the values were measured. */
  step: number;
  epoch: number;
  /** Seconds since 1970, for display only: nothing may be decided by it. */
  wallTimeSeconds: number;
}

/** Scalars of one point. */
export interface MetricsRow {
  /** Mostly the very array that the row before has. */
  readonly names: readonly string[];
  /** One for each name. */
  readonly values: Float64Array;
  /** The values in ASCII, each so that it reads back to the same bits; NaN and infinities are words. */
  readonly texts: Pieces;
  readonly point: LogPoint;
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

/** NaN and infinities are words in files: "NaN", "Infinity", "-Infinity". */
export type TableCell = string | number | boolean | null;

/** Rows have a cell for each column. */
export interface LoggedTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly TableCell[])[];
}

/** A curve of precision and recall, at the n thresholds i / (n - 1), from 0 to 1. */
export interface PrCurvePoints {
  /** Weights of the examples, or how many, that are so at each threshold. */
  readonly truePositives: readonly number[];
  readonly falsePositives: readonly number[];
  readonly trueNegatives: readonly number[];
  readonly falseNegatives: readonly number[];
  /** 0 where nothing is found. */
  readonly precision: readonly number[];
  readonly recall: readonly number[];
}

/** A classifier's answers, of which the logger makes the curve. */
export interface ScoredExamples {
  /** Whether each example is one to be found. */
  readonly labels: ArrayLike<boolean | number>;
  /** Probabilities from 0 to 1. */
  readonly predictions: ArrayLike<number>;
  /** How much each example counts; 1 when absent. */
  readonly weights?: ArrayLike<number>;
  /** How many; 201 when absent. */
  readonly thresholds?: number;
}

export type LoggedPrCurve = PrCurvePoints | ScoredExamples;

/** A sink of one run's record: TensorBoard, W&B, JSON lines. One sink, one file. */
export interface Logger {
  readonly name: string;
  /** The run's resolved settings, once, before any metric. */
  logHyperparameters(parameters: Readonly<Record<string, unknown>>): void | Promise<void>;
  /** Scalars of one point; keys such as `train/loss`. NaN and infinities are legal. */
  logMetrics(metrics: Readonly<Record<string, number>>, point: LogPoint): void | Promise<void>;
  /**
   * The same, in the form that training has it: called in the place of `logMetrics` where a logger has
   * it, so that one that wraps another and changes `logMetrics` has to change both.
   */
  readonly logRow?: (row: MetricsRow) => void | Promise<void>;
  logImages(key: string, images: readonly LoggedImage[], point: LogPoint): void | Promise<void>;
  logHistogram(key: string, histogram: LoggedHistogram, point: LogPoint): void | Promise<void>;
  logText(key: string, text: string, point: LogPoint): void | Promise<void>;
  logTable(key: string, table: LoggedTable, point: LogPoint): void | Promise<void>;
  logPrCurve(key: string, curve: LoggedPrCurve, point: LogPoint): void | Promise<void>;
  /** A file or folder that the run made or used, its content hashed, before `finalize`. */
  logArtifact(artifact: RunArtifact): void | Promise<void>;
  /** Makes all that was logged so far durable; called before a checkpoint counts as saved. */
  flush(): void | Promise<void>;
  /**
   * Closes the sink. Nothing is logged after it.
   *
   * @param summary the run's last words, such as its final scores
   */
  finalize(outcome: RunOutcome, summary?: RunSummary): void | Promise<void>;
}

/** A logger that takes rows faster when it is given several at once. */
export interface RowLogger extends Logger {
  /** As `logMetrics` for each of them, in one write. */
  logRows(rows: readonly MetricsRow[]): void;
}
