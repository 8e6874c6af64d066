import type { SweepMetric } from "../spec/sweepSpec.ts";
import { signOf } from "./objectives.ts";
import type { Observation } from "./searcher.ts";
import type { Trial } from "./trialPlan.ts";

/** A point's trials, with what they have found. */
interface Observed {
  readonly point: Trial["point"];
  readonly trials: Map<number, readonly number[]>;
}

/** What a sweep has found so far, as searchers want it. */
export class Observations {
  readonly #signs: readonly number[];
  readonly #points = new Map<number, Observed>();

  constructor(objectives: readonly SweepMetric[]) {
    this.#signs = objectives.map(signOf);
  }

  /** @param values of the objectives, of a finished trial; others of the same trial replace them */
  add({ index, pointIndex, point }: Trial, values: readonly number[]): void {
    const known = this.#points.get(pointIndex) ?? { point, trials: new Map() };
    known.trials.set(index, values);
    this.#points.set(pointIndex, known);
  }

  /** By point, in their order; means over those of its trials that were added. */
  list(): Observation[] {
    const points = [...this.#points].sort(([a], [b]) => a - b);
    return points.map(([index, { point, trials }]) => {
      return { index, point, values: this.#means([...trials.values()]) };
    });
  }

  #means(trials: readonly (readonly number[])[]): number[] {
    return this.#signs.map((sign, i) => {
      const sum = trials.reduce((total, values) => total + values[i]!, 0);
      return (sign * sum) / trials.length;
    });
  }
}
