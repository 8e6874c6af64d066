import type { Reduction } from "./logOptions.ts";

interface Reduced {
  reduceFx: Reduction;
  /** Sum (weighted for a mean), minimum or maximum so far. */
  value: number;
  weight: number;
}

export type ReducedState = Record<string, { reduceFx: Reduction; value: number; weight: number }>;

/** Named numbers of many batches reduced to one each, in float64. */
export class ReducedValues {
  readonly #values = new Map<string, Reduced>();

  /**
   * @param weight how many samples a number stands for in a mean
   * @throws {RangeError} when the name was reduced in another way before
   */
  add(name: string, value: number, weight = 1, reduceFx: Reduction = "mean"): void {
    const before = this.#values.get(name);
    if (before && before.reduceFx !== reduceFx) {
      throw new RangeError(
        `Cannot reduce "${name}": expected reduceFx ${before.reduceFx} as before, got ${reduceFx}`,
      );
    }
    const share = reduceFx === "mean" ? value * weight : value;
    if (before) include(before, share, weight);
    else this.#values.set(name, { reduceFx, value: share, weight });
  }

  /** Hands on the values so far, in the order the names came. */
  reduce(take: (name: string, value: number) => void): void {
    for (const [name, { reduceFx, value, weight }] of this.#values) {
      take(name, reduceFx === "mean" ? value / weight : value);
    }
  }

  /** Joins what another has reduced. */
  join(other: ReducedState): void {
    for (const [name, reduced] of Object.entries(other)) {
      const before = this.#values.get(name);
      if (before) include(before, reduced.value, reduced.weight);
      else this.#values.set(name, { ...reduced });
    }
  }

  clear(): void {
    this.#values.clear();
  }

  state(): ReducedState {
    return Object.fromEntries(Array.from(this.#values, ([name, each]) => [name, { ...each }]));
  }

  restore(state: ReducedState): void {
    this.clear();
    this.join(state);
  }
}

function include(own: Reduced, value: number, weight: number): void {
  own.value = combine(own.value, value, own.reduceFx);
  own.weight += weight;
}

function combine(before: number, value: number, reduceFx: Reduction): number {
  if (reduceFx === "min") return Math.min(before, value);
  if (reduceFx === "max") return Math.max(before, value);
  return before + value;
}
