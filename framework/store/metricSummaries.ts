import { numberFromJson } from "../tracking/jsonNumber.ts";
import type { MetricSummary } from "./indexedRun.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Sums up metrics while their points come in, in the order in which they were logged. */
export class MetricSummaries {
  readonly #metrics: Map<string, Mutable<MetricSummary>>;

  /** @param earlier where to go on from; it stays as it is */
  constructor(earlier: Readonly<Record<string, MetricSummary>> = {}) {
    this.#metrics = new Map(Object.entries(earlier).map(([name, each]) => [name, { ...each }]));
  }

  clear(): void {
    this.#metrics.clear();
  }

  /** @returns whether all values were numbers; others are left out */
  add(step: number, values: Readonly<Record<string, unknown>>): boolean {
    let isWhole = true;
    for (const name in values) {
      const value = numberFromJson(values[name]);
      if (value === undefined) isWhole = false;
      else this.addValue(step, name, value);
    }
    return isWhole;
  }

  addValue(step: number, name: string, value: number): void {
    const known = this.#metrics.get(name);
    if (known === undefined) {
      const extreme = Number.isFinite(value) ? value : NaN;
      const summary = { last: value, lastStep: step, min: extreme, minStep: step };
      this.#metrics.set(name, { ...summary, max: extreme, maxStep: step, count: 1 });
      return;
    }
    known.last = value;
    known.lastStep = step;
    known.count++;
    if (!Number.isFinite(value)) return;
    if (!(value >= known.min)) [known.min, known.minStep] = [value, step];
    if (!(value <= known.max)) [known.max, known.maxStep] = [value, step];
  }

  toRecord(): Record<string, MetricSummary> {
    return Object.fromEntries(this.#metrics);
  }
}
