/** Mean of a score in each group, such as functions that were trained on and others. */
export function meanScores(
  scored: Iterable<{ readonly group: string; readonly score: number }>,
): Map<string, { mean: number; count: number }> {
  const sums = new Map<string, { mean: number; count: number }>();
  for (const { group, score } of scored) {
    const { mean, count } = sums.get(group) ?? { mean: 0, count: 0 };
    sums.set(group, { mean: mean + (score - mean) / (count + 1), count: count + 1 });
  }
  return sums;
}
