/** What a trial has logged of the sweep's metric, to be made small. */
export interface TrialCurve {
  /** Of the trial. */
  readonly index: number;
  readonly isRunning: boolean;
  /** Reached its end by itself. */
  readonly isFinished: boolean;
  /** In the order they were logged. */
  readonly values: readonly { readonly step: number; readonly value: number }[];
}

/** Says which running trials promise too little. */
export interface Pruner {
  readonly name: string;
  /**
   * @param trial is running, and among `all`
   * @returns why it is to be stopped, or undefined to go on with it
   */
  reasonToStop(trial: TrialCurve, all: readonly TrialCurve[]): string | undefined;
  /** Takes up a trial that an earlier process has let go on until here. Of pruners that decide once. */
  resume?(trial: TrialCurve): void;
}
