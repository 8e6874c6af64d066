const minuteMs = 60_000;

/**
 * Lets so much through in a minute: what is taken comes back evenly, and no more is there at once
 * than for one minute. It may be overdrawn, which later takers wait for.
 *
 * Source: Turner 1986, "New directions in communications", the leaky bucket as a meter.
 */
export class TokenBucket {
  readonly perMinute: number;
  readonly #nowMs: () => number;
  #level: number;
  #filledAt: number;

  /** @param nowMs a clock that never goes back, in milliseconds */
  constructor(perMinute: number, nowMs: () => number) {
    this.perMinute = perMinute;
    this.#nowMs = nowMs;
    this.#level = perMinute;
    this.#filledAt = nowMs();
  }

  /** What can be taken now; below 0 when it is overdrawn. */
  get level(): number {
    const now = this.#nowMs();
    const come = ((now - this.#filledAt) * this.perMinute) / minuteMs;
    this.#filledAt = now;
    this.#level = Math.min(this.perMinute, this.#level + come);
    return this.#level;
  }

  take(count: number): void {
    this.#level = this.level - count;
  }

  /** Puts back what was taken and not needed. */
  giveBack(count: number): void {
    this.#level = Math.min(this.perMinute, this.level + count);
  }

  /** Until so much can be taken, in milliseconds. */
  waitMs(count: number): number {
    return (Math.max(0, count - this.level) * minuteMs) / this.perMinute;
  }
}
