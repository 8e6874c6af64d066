import type { HistogramsAnswer } from "../../api.ts";

export type StepHistogram = HistogramsAnswer["histograms"][number];

/** The range of values and the largest density of histograms that are drawn together. */
export interface HistogramScale {
  readonly min: number;
  readonly max: number;
  /** Share of values per unit of value. */
  readonly density: number;
}

export function histogramScale(histograms: readonly StepHistogram[]): HistogramScale {
  let [min, max, density] = [Infinity, -Infinity, 0];
  for (const { edges, counts } of histograms) {
    min = Math.min(min, edges[0] ?? min);
    max = Math.max(max, edges.at(-1) ?? max);
    for (const value of densities({ edges, counts, step: 0 })) density = Math.max(density, value);
  }
  if (min < max) return { min, max, density: density || 1 };
  return Number.isFinite(min)
    ? { min: min - 0.5, max: max + 0.5, density: density || 1 }
    : { min: 0, max: 1, density: 1 };
}

/** Share of values per unit of value in each bin, whatever the widths of the bins. */
export function densities({ edges, counts }: StepHistogram): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  return counts.map((count, i) => {
    const width = (edges[i + 1] ?? 0) - (edges[i] ?? 0);
    return width > 0 ? count / total / width : 0;
  });
}

/** So many of a list, from the first to the last. */
export function evenly<Item>(items: readonly Item[], count: number): Item[] {
  if (items.length <= count) return [...items];
  const last = items.length - 1;
  return Array.from(
    { length: count },
    (_, i) => items[Math.round((i * last) / (count - 1))],
  ).filter((item): item is Item => item !== undefined);
}
