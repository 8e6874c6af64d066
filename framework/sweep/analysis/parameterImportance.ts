import { logNormalMass } from "../normalMass.ts";

/** Where a parameter's values lie. */
export type ParameterRange =
  | { readonly kind: "choices"; readonly count: number }
  | {
      readonly kind: "numbers";
      readonly low: number;
      readonly high: number;
      readonly isInteger?: boolean;
      /** Whether it was searched in the logarithm. */
      readonly isLog?: boolean;
    };

export interface RangedParameter {
  readonly range: ParameterRange;
  /** One for each trial: the number, or the index of the choice; NaN where it is not in use. */
  readonly values: readonly number[];
}

/** The share of trials that count as good. */
const topShare = 0.1;
const leastTop = 2;
const mostGridPoints = 50;
const leastMass = 1e-12;

/**
 * How much each parameter decides whether a trial is among the best tenth: PED-ANOVA, the Pearson
 * divergence between where the best lie and where all lie, in each parameter by itself. The shares
 * add up to 1; all are 0 where nothing can be said.
 *
 * Source: Watanabe, Bansal & Hutter 2023, arXiv:2304.10255, as in Optuna 5.0.
 *
 * @param losses one for each trial, finite; smaller is better
 */
export function parameterImportance(
  parameters: readonly RangedParameter[],
  losses: readonly number[],
): number[] {
  const top = topTrials(losses);
  const divergences = parameters.map((parameter) => divergence(parameter, top));
  const total = divergences.reduce((sum, each) => sum + each, 0);
  return divergences.map((each) => (total > 0 ? each / total : 0));
}

/**
 * Of a parameter that some trials leave out: among those that use it, weighed by how much more of
 * the best they are than of all.
 */
function divergence({ range, values }: RangedParameter, top: readonly boolean[]): number {
  const used = [...values.keys()].filter((trial) => !Number.isNaN(values[trial]!));
  const usedTop = used.filter((trial) => top[trial]);
  const points = gridPoints(range);
  const massesOf = (trials: readonly number[]): number[] =>
    density(
      range,
      points,
      trials.map((trial) => placeOf(range, points, values[trial]!)),
    );
  const [all, best] = [massesOf(used), massesOf(usedTop)];
  const shareOfTop = usedTop.length / top.filter(Boolean).length;
  const weight = used.length > 0 ? shareOfTop ** 2 / (used.length / values.length) : 0;
  return weight * all.reduce((sum, mass, i) => sum + mass * (best[i]! / mass - 1) ** 2, 0);
}

function topTrials(losses: readonly number[]): boolean[] {
  const count = Math.max(leastTop, Math.ceil(topShare * losses.length));
  const cut = losses.toSorted((a, b) => a - b)[count - 1] ?? Infinity;
  return losses.map((loss) => loss <= cut);
}

function gridPoints(range: ParameterRange): number {
  if (range.kind === "choices") return range.count;
  const { low, high, isInteger = false, isLog = false } = range;
  if (low === high) return 1;
  if (!isInteger) return mostGridPoints;
  const whole = high - low + 1;
  return Math.min(mostGridPoints, isLog ? Math.ceil(Math.log2(whole)) + 1 : whole);
}

/** Index of the nearest grid point, the lower one of two that are as near. */
function placeOf(range: ParameterRange, points: number, value: number): number {
  if (range.kind === "choices" || points === 1) return range.kind === "choices" ? value : 0;
  const into = range.isLog ? Math.log : (each: number): number => each;
  const step = (into(range.high) - into(range.low)) / (points - 1);
  const place = Math.ceil((into(value) - into(range.low)) / step - 0.5);
  return Math.min(points - 1, Math.max(0, place));
}

/** Masses of the grid points: kernels around the places, and one over the whole grid. */
function density(range: ParameterRange, points: number, places: readonly number[]): number[] {
  const counts = Array.from({ length: points }, () => 0);
  for (const place of places) counts[place]!++;
  const used = [...counts.keys()].filter((place) => counts[place]! > 0);
  const kernels =
    range.kind === "choices"
      ? [...used.map((place) => choiceKernel(points, used.length, place)), evenKernel(points)]
      : numberKernels(points, counts, used);
  const weights = [...used.map((place) => counts[place]!), 1];
  const total = places.length + 1;
  return counts.map(
    (_, i) =>
      leastMass + kernels.reduce((sum, kernel, k) => sum + (weights[k]! / total) * kernel[i]!, 0),
  );
}

const evenKernel = (points: number): number[] => Array.from({ length: points }, () => 1 / points);

function choiceKernel(points: number, kernels: number, place: number): number[] {
  const spread = 1 / (kernels + 1);
  const total = points * spread + 1;
  return Array.from({ length: points }, (_, i) => (spread + (i === place ? 1 : 0)) / total);
}

/** Normal, as wide as Scott's rule has it for all of them, cut at the ends of the grid. */
function numberKernels(
  points: number,
  counts: readonly number[],
  used: readonly number[],
): number[][] {
  const width = kernelWidth(counts, used);
  const whole = normalKernel(points, (points - 1) / 2, points);
  return [...used.map((place) => normalKernel(points, place, width)), whole];
}

/** Source: Scott 1992, "Multivariate Density Estimation", with the narrower of two spreads. */
function kernelWidth(counts: readonly number[], used: readonly number[]): number {
  const total = used.reduce((sum, place) => sum + counts[place]!, 0);
  const mean = used.reduce((sum, place) => sum + place * counts[place]!, 0) / total;
  const squares = used.reduce((sum, place) => sum + counts[place]! * (place - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, total - 1));
  let sum = 0;
  const cumulated = used.map((place) => (sum += counts[place]!));
  const lower = cumulated.findIndex((count) => count >= Math.floor(total / 4));
  const upper = cumulated.findIndex((count) => count > Math.floor((total * 3) / 4));
  const quartiles = (used.at(upper) ?? 0) - (used[lower] ?? 0);
  const width = 1.059 * Math.min(quartiles / 1.34, deviation) * total ** -0.2;
  return Math.max(width, 0.5 / 1.64); // nine tenths of a kernel lie at its own grid point
}

function normalKernel(points: number, centre: number, width: number): number[] {
  const mass = (from: number, to: number): number =>
    logNormalMass((from - centre) / width, (to - centre) / width);
  const whole = mass(-0.5, points - 0.5);
  return Array.from({ length: points }, (_, i) => Math.exp(mass(i - 0.5, i + 0.5) - whole));
}
