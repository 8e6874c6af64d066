const windowSteps = 50;

/** Steps per second over the last steps; for display, nothing is decided by it. */
export class StepRate {
  readonly #now: () => number;
  readonly #secondsPerStep: number[] = [];
  #lastMs: number | undefined;

  /** @param now clock in ms */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A step begins after other work: the time since the last one does not count. */
  restart(): void {
    this.#lastMs = this.#now();
  }

  /** A step is done. */
  mark(): void {
    const now = this.#now();
    if (this.#lastMs !== undefined) this.#secondsPerStep.push((now - this.#lastMs) / 1000);
    if (this.#secondsPerStep.length > windowSteps) this.#secondsPerStep.shift();
    this.#lastMs = now;
  }

  /** 0 before the first step is done. */
  perSecond(): number {
    const total = this.#secondsPerStep.reduce((sum, seconds) => sum + seconds, 0);
    return total > 0 ? this.#secondsPerStep.length / total : 0;
  }
}
