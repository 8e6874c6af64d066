/**
 * The `share` quantile of some numbers, between neighbours by their distance.
 *
 * @param share 0 is the smallest, 0.5 the median, 1 the largest
 */
export function quantile(numbers: readonly number[], share: number): number {
  if (numbers.length === 0) throw new RangeError("Cannot take a quantile: expected numbers, got 0");
  const sorted = numbers.toSorted((a, b) => a - b);
  const position = share * (sorted.length - 1);
  const low = sorted[Math.floor(position)]!;
  const high = sorted[Math.ceil(position)]!;
  return low + (high - low) * (position - Math.floor(position));
}

export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}
