import type { SweepMetric } from "../spec/sweepSpec.ts";
import type { Observation } from "./searcher.ts";
import type { Trial } from "./trialPlan.ts";

/** What a sweep has found so far, as searchers want it. */
export class Observations {
  readonly #sign: number;
  readonly #points = new Map<number, { point: Trial["point"]; values: Map<number, number> }>();

  constructor({ goal }: SweepMetric) {
    this.#sign = goal === "maximize" ? -1 : 1;
  }

  /** @param value of the metric, of a finished trial; a second one of the same trial replaces it */
  add({ index, pointIndex, point }: Trial, value: number): void {
    const known = this.#points.get(pointIndex) ?? { point, values: new Map<number, number>() };
    known.values.set(index, value);
    this.#points.set(pointIndex, known);
  }

  /** By point, in their order; the mean over those of its trials that were added. */
  list(): Observation[] {
    const points = [...this.#points].sort(([a], [b]) => a - b);
    return points.map(([index, { point, values }]) => {
      const sum = [...values.values()].reduce((total, value) => total + value, 0);
      return { index, point, value: (this.#sign * sum) / values.size };
    });
  }
}
