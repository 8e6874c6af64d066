import { hasChangedNothing } from "../base/unchanged.ts";

/**
 * Follows a step through its update: whether weights and moments are those of the last finished
 * step, whatever fails now.
 */
export class UpdateWatch {
  #phase: "outside" | "between" | "running" | "recording" | "updating" | "changed" = "outside";

  /** Training begins, or all that belongs to a step's update is done. */
  settle(): void {
    this.#phase = "between";
  }

  /** A function that updates is about to run: as far as can be seen from outside, it may begin. */
  run(): void {
    if (this.#phase !== "changed") this.#phase = "running";
  }

  /** The step's function runs itself, so it will tell before it changes a weight. */
  record(): void {
    if (this.#phase === "running") this.#phase = "recording";
  }

  /** From here on weights change, unless the function that does it says that it failed before. */
  update(): void {
    if (this.#phase === "recording") this.#phase = "updating";
  }

  /** What a finished step leaves is no longer there. */
  change(): void {
    this.#phase = "changed";
  }

  /** Training is over: from now on others may replace the weights. */
  leave(): void {
    this.#phase = "outside";
  }

  /** Whether there is training whose state can be told from that of a finished step. */
  get isTraining(): boolean {
    return this.#phase !== "outside";
  }

  /** Whether a failure has left what the last finished step left. */
  isBetweenSteps(failure: unknown): boolean {
    switch (this.#phase) {
      case "between":
      case "recording":
        return true;
      case "running":
      case "updating":
        return hasChangedNothing(failure);
      case "changed":
      case "outside":
        return false;
    }
  }
}
