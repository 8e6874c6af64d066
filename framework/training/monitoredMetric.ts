import type { TrainerState } from "./trainerState.ts";

export type MonitorMode = "min" | "max";

export const isBetter = (mode: MonitorMode, a: number, b: number): boolean =>
  mode === "min" ? a < b : a > b;

/** Whether a value is better than the best so far by more than `minDelta`. */
export function improves(
  mode: MonitorMode,
  value: number,
  best: number,
  minDelta: number,
): boolean {
  return isBetter(mode, value, mode === "min" ? best - minDelta : best + minDelta);
}

/** What any value is better than. */
export const worstOf = (mode: MonitorMode): number => (mode === "min" ? Infinity : -Infinity);

/** A metric that decides about checkpoints: only what was measured at the running step counts. */
export class MonitoredMetric {
  readonly name: string;
  #warned = false;

  constructor(name: string) {
    this.name = name;
  }

  /**
   * Its value if it was measured at the running step.
   *
   * @throws {RangeError} when it should have been measured by now, and never was
   */
  measure(state: TrainerState): number | undefined {
    const value = state.metrics[this.name];
    if (value === undefined) this.#missing(state);
    return state.measuredAt(this.name) === state.step ? value : undefined;
  }

  /** Before the first validation, or epoch, its metrics cannot be known yet. */
  #missing(state: TrainerState): void {
    const known = Object.keys(state.metrics).join(", ");
    const message = `Cannot monitor "${this.name}": it was never logged, expected one of ${known}`;
    const epochDone = state.epoch > 0 || state.epochEnded;
    const measured = state.validation === "never" ? epochDone : state.validatedAt !== undefined;
    if (measured) throw new RangeError(message);
    if (!this.#warned) state.print(`${message}; waiting for the first validation or epoch end`);
    this.#warned = true;
  }
}
