import type { HistogramBins, LoggedHistogram } from "./logger.ts";

/** Bins that values are counted in; W&B's number. */
const defaultBins = 64;

/**
 * The histogram as bins. Values are counted in 64 bins of one width from the smallest to the
 * largest, as NumPy does: the last bin has both its edges, and a single value stands in the middle
 * of a range of 1. NaN and infinities are left out.
 *
 * @throws {RangeError} when edges and counts do not fit each other
 */
export function histogramBins(histogram: LoggedHistogram): HistogramBins {
  if ("values" in histogram) return countValues(histogram.values);
  const { edges, counts } = histogram;
  const fits = edges.length === counts.length + 1 && [...edges, ...counts].every(Number.isFinite);
  if (!fits || edges.some((edge, i) => edge > edges[i + 1]!)) {
    throw new RangeError(
      `Cannot log histogram: expected finite edges that grow, one more than the counts, got edges [${edges.join(", ")}] and counts [${counts.join(", ")}]`,
    );
  }
  return { edges, counts };
}

function countValues(values: ArrayLike<number>): HistogramBins {
  const [low, high] = rangeOf(values);
  const width = (high - low) / defaultBins;
  const edges = Array.from({ length: defaultBins + 1 }, (_, i) => low + i * width).with(-1, high);
  const counts = Array.from({ length: defaultBins }, () => 0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isFinite(value))
      counts[Math.min(defaultBins - 1, Math.floor((value - low) / width))]!++;
  }
  return { edges, counts };
}

/** The finite values' range; never empty. */
function rangeOf(values: ArrayLike<number>): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}
