/** Means of named numbers, in float64, weighted by how many samples each number stands for. */
export class WeightedMeans {
  readonly #sums = new Map<string, { sum: number; weight: number }>();

  add(values: Readonly<Record<string, number>>, weight: number): void {
    for (const [name, value] of Object.entries(values)) {
      const entry = this.#sums.get(name) ?? { sum: 0, weight: 0 };
      entry.sum += value * weight;
      entry.weight += weight;
      this.#sums.set(name, entry);
    }
  }

  /** The means so far, in the order the names came. */
  means(): Record<string, number> {
    return Object.fromEntries(
      [...this.#sums].map(([name, { sum, weight }]) => [name, sum / weight]),
    );
  }

  clear(): void {
    this.#sums.clear();
  }
}
