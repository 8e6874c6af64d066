export interface BetaRange {
  /** How many timesteps the training process has. */
  steps: number;
  /** Variance added by the first step. */
  start: number;
  /** Variance added by the last step. */
  end: number;
}

/** Variances of the noise that each timestep adds, each in (0, 1). */
export type BetaSchedule = (range: BetaRange) => Float64Array;
