import type { SweepMetric } from "../spec/sweepSpec.ts";
import { signOf } from "./objectives.ts";
import type { Observation } from "./searcher.ts";
import type { Trial } from "./trialPlan.ts";

/** What one trial has found. */
interface Shown {
  readonly values: readonly number[];
  /** Where it was stopped; Infinity: it came to its end. */
  readonly reached: number;
}

/** A point's trials, with what they have found. */
interface Observed {
  readonly point: Trial["point"];
  readonly trials: Map<number, Shown>;
}

/** What a sweep has found so far, as searchers want it. */
export class Observations {
  readonly #signs: readonly number[];
  readonly #points = new Map<number, Observed>();

  constructor(objectives: readonly SweepMetric[]) {
    this.#signs = objectives.map(signOf);
  }

  /**
   * @param values of the objectives; others of the same trial replace them
   * @param stoppedAt optimizer step, of a trial that did not come to its end
   */
  add(
    { index, pointIndex, point }: Trial,
    values: readonly number[],
    stoppedAt: number = Infinity,
  ): void {
    const known = this.#points.get(pointIndex) ?? { point, trials: new Map() };
    known.trials.set(index, { values, reached: stoppedAt });
    this.#points.set(pointIndex, known);
  }

  /** By point, in their order; means over those of its trials that got farthest. */
  list(): Observation[] {
    const points = [...this.#points].sort(([a], [b]) => a - b);
    return points.map(([index, { point, trials }]) => {
      const all = [...trials.values()];
      const farthest = Math.max(...all.map(({ reached }) => reached));
      const values = this.#means(all.filter(({ reached }) => reached === farthest));
      return { index, point, values, ...(farthest < Infinity && { stoppedAt: farthest }) };
    });
  }

  #means(trials: readonly Shown[]): number[] {
    return this.#signs.map((sign, i) => {
      const sum = trials.reduce((total, { values }) => total + values[i]!, 0);
      return (sign * sum) / trials.length;
    });
  }
}
