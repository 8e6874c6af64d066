import { logNormalCdf, logNormalMass } from "../normalMass.ts";
import { normalQuantile } from "../normalQuantile.ts";
import { openUniform } from "../unitPoint.ts";
import type { Kernels } from "./parzen.ts";

/** Numbers from `low` to `high`. */
export interface NumberRange {
  readonly low: number;
  readonly high: number;
  /** Values are `low` and its multiples away from it. */
  readonly step?: number;
  /** Whether kernels are normal in the logarithm. */
  readonly log?: boolean;
}

interface Kernel {
  readonly mu: number;
  readonly sigma: number;
}

/**
 * Over numbers: normal kernels, cut at the bounds, as wide as the larger gap to a neighbour.
 *
 * Source: Bergstra, Bardenet, Bengio & Kégl 2011, section 4, as in Optuna 5.0.
 *
 * @param observations the oldest first
 * @param finer how much narrower kernels may become than the range divided by the number of kernels and one
 */
export function numberKernels(
  range: NumberRange,
  observations: readonly number[],
  finer = 1,
): Kernels {
  const { low, high, step = 0 } = range;
  const into = range.log ? Math.log : (value: number): number => value;
  const out = range.log ? Math.exp : (value: number): number => value;
  const bounds = [into(low - step / 2), into(high + step / 2)] as const;
  const kernels = makeKernels(bounds, observations.map(into), finer);
  const masses = kernels.map((kernel) => massOf(kernel, bounds));
  const steps = new Map<number, readonly number[]>();
  const stepMasses = (value: number): readonly number[] => {
    const edges = [into(value - step / 2), into(value + step / 2)] as const;
    const known = steps.get(value) ?? kernels.map((kernel) => massOf(kernel, edges));
    steps.set(value, known);
    return known;
  };
  return {
    logKernel(index, value) {
      const density =
        step > 0 ? stepMasses(value)[index]! : logNormal(kernels[index]!, into(value));
      return density - masses[index]!;
    },
    drawFrom: (index, stream) =>
      toRange(range, out(drawTruncated(kernels[index]!, bounds, openUniform(stream)))),
  };
}

type Bounds = readonly [low: number, high: number];

/** One for each observation, and one over the whole range. */
function makeKernels(
  [low, high]: Bounds,
  observations: readonly number[],
  finer: number,
): Kernel[] {
  const range = high - low;
  const narrowest = range / Math.min(100, finer * (observations.length + 2));
  const order = observations.map((_, i) => i).sort((a, b) => observations[a]! - observations[b]!);
  const kernels: Kernel[] = [];
  for (const [rank, i] of order.entries()) {
    const mu = observations[i]!;
    const gap = widestGap(
      mu,
      observations[order[rank - 1] ?? -1],
      observations[order[rank + 1] ?? -1],
      [low, high],
    );
    kernels[i] = { mu, sigma: Math.min(range, Math.max(narrowest, gap)) };
  }
  return [...kernels, { mu: (low + high) / 2, sigma: range }];
}

/** To the neighbours; to the bounds if there are none at all. */
function widestGap(
  mu: number,
  left: number | undefined,
  right: number | undefined,
  [low, high]: Bounds,
): number {
  if (left === undefined && right === undefined) return Math.max(mu - low, high - mu);
  return Math.max(left === undefined ? 0 : mu - left, right === undefined ? 0 : right - mu);
}

const massOf = ({ mu, sigma }: Kernel, [low, high]: Bounds): number =>
  logNormalMass((low - mu) / sigma, (high - mu) / sigma);

function logNormal({ mu, sigma }: Kernel, x: number): number {
  const z = (x - mu) / sigma;
  return -0.5 * z * z - Math.log(sigma) - 0.5 * Math.log(2 * Math.PI);
}

function drawTruncated({ mu, sigma }: Kernel, [low, high]: Bounds, u: number): number {
  const [from, to] = [(low - mu) / sigma, (high - mu) / sigma].map((z) =>
    Math.exp(logNormalCdf(z)),
  );
  return mu + sigma * normalQuantile(from! + u * (to! - from!));
}

/** The nearest value that the range has. */
function toRange({ low, high, step = 0 }: NumberRange, value: number): number {
  const stepped = step > 0 ? low + Math.round((value - low) / step) * step : value;
  return Math.min(high, Math.max(low, stepped));
}
