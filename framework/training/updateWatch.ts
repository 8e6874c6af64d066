/**
 * Follows a step through its update: whether weights and moments are those of the last finished
 * step, whatever fails now.
 */
export class UpdateWatch {
  #phase: "outside" | "between" | "running" | "recording" | "updating" = "outside";

  /** Training begins, or all that belongs to a step's update is done. */
  settle(): void {
    this.#phase = "between";
  }

  /** A step with an update is about to run: as far as can be seen from outside, it may have begun. */
  run(): void {
    this.#phase = "running";
  }

  /** The step's function runs itself, so it will tell before it changes a weight. */
  record(): void {
    if (this.#phase === "running") this.#phase = "recording";
  }

  /** From here on weights change. */
  update(): void {
    if (this.#phase === "recording") this.#phase = "updating";
  }

  /** Training is over: from now on others may replace the weights. */
  leave(): void {
    this.#phase = "outside";
  }

  /** Whether there is training whose state can be told from that of a finished step. */
  get isTraining(): boolean {
    return this.#phase !== "outside";
  }

  get isBetweenSteps(): boolean {
    return this.#phase === "between" || this.#phase === "recording";
  }
}
