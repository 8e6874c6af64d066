/**
 * Factor on the base learning rate, a pure function of the number of optimizer steps already
 * taken (0 for the first); with a config's `interval` and `frequency`, of what these count.
 */
export type LrSchedule = (step: number) => number;

/** A factor on the base learning rate that depends on the values which a metric has had. */
export interface MetricLrSchedule {
  /** The factor now; 1 before the first `update`. */
  readonly factor: number;
  /** Takes the metric's next value and may change the factor. */
  update(value: number): void;
  /** All that later factors depend on, for a checkpoint. */
  stateDict(): Record<string, number>;
  /** @throws {RangeError} when the state is not one of `stateDict` */
  loadStateDict(state: Readonly<Record<string, number>>): void;
}

/** A schedule and when it goes on. The words are Lightning's. */
export interface LrScheduleConfig {
  readonly schedule: LrSchedule | MetricLrSchedule;
  /** What is counted: optimizer steps (default), or epochs that ended (where it follows a metric). */
  readonly interval?: "step" | "epoch";
  /** How many of them make the schedule go on once, an integer >= 1. Default: 1. */
  readonly frequency?: number;
  /** The metric to follow; there when the schedule is a `MetricLrSchedule`. */
  readonly monitor?: string;
  /** Whether it is an error (default), and not just a warning, that the metric has no value. */
  readonly strict?: boolean;
  /** What the learning rate is logged as. */
  readonly name?: string;
}
