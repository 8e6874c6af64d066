/** @file Functions that searchers are compared on. */

/** A function to be made small, or two of them, and where it is searched. */
export interface Objective {
  readonly name: string;
  /** The `parameters` of a sweep's file. */
  readonly parameters: string;
  readonly trials: number;
  /** One value, or two when there is a reference. */
  score(point: Readonly<Record<string, unknown>>): readonly number[] | Promise<readonly number[]>;
  /** Worse than what is looked for in both of two values: the area up to it is what searches are judged by. */
  readonly reference?: readonly [number, number];
}

const numbers = (point: Readonly<Record<string, unknown>>, count: number): number[] =>
  Array.from({ length: count }, (_, i) => Number(point[`x${i}`]));

const box = (count: number, min: string, max: string): string =>
  Array.from({ length: count }, (_, i) => `  x${i}: { min: ${min}, max: ${max} }\n`).join("");

/** Smallest value 0.397887. Source: Dixon & Szegö 1978. */
export function branin([a = 0, b = 0]: number[]): number {
  const bowl = (b - (5.1 / (4 * Math.PI ** 2)) * a * a + (5 / Math.PI) * a - 6) ** 2;
  return bowl + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(a) + 10;
}

const hartmannA = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const hartmannP = [
  [1312, 1696, 5569, 124, 8283, 5886],
  [2329, 4135, 8307, 3736, 1004, 9991],
  [2348, 1451, 3522, 2883, 3047, 6650],
  [4047, 8828, 8732, 5743, 1091, 381],
];

/** Smallest value -3.32237. Source: Dixon & Szegö 1978. */
function hartmann6(x: number[]): number {
  return -[1, 1.2, 3, 3.2].reduce((sum, weight, row) => {
    const distance = x.reduce(
      (total, each, i) => total + hartmannA[row]![i]! * (each - hartmannP[row]![i]! / 10_000) ** 2,
      0,
    );
    return sum + weight * Math.exp(-distance);
  }, 0);
}

/** Smallest value 0. Source: Rosenbrock 1960. */
function rosenbrock(x: number[]): number {
  return x
    .slice(1)
    .reduce((sum, each, i) => sum + 100 * (each - x[i]! ** 2) ** 2 + (1 - x[i]!) ** 2, 0);
}

/** Smallest value 0: a choice, a whole number, a rate on a logarithmic scale and what only one choice has. */
function mixed(point: Readonly<Record<string, unknown>>): number {
  const rate = Math.abs(Math.log10(Number(point["rate"])) + 2.5);
  const layers = Math.abs(Number(point["layers"]) - 5) / 4;
  if (point["kind"] === "sgd") return 0.5 + rate + layers + (Number(point["momentum"]) - 0.9) ** 2;
  if (point["kind"] === "adam") return rate + layers + (Number(point["beta"]) - 0.7) ** 2;
  return 1 + rate + layers;
}

/**
 * Two values of which one becomes large when the other is small; the best have zeros but in the first place.
 *
 * Source: Zitzler, Deb & Thiele 2000, "Comparison of multiobjective evolutionary algorithms: empirical
 * results"; T1 with a root, T2 with a square, with fewer numbers than their 30.
 */
function zdt([first = 0, ...others]: number[], bend: (ratio: number) => number): [number, number] {
  const g = 1 + (9 * others.reduce((sum, each) => sum + each, 0)) / others.length;
  return [first, g * (1 - bend(first / g))];
}

export const functions: readonly Objective[] = [
  {
    name: "branin",
    parameters: "  x0: { min: -5.0, max: 10.0 }\n  x1: { min: 0.0, max: 15.0 }\n",
    trials: 60,
    score: (point) => [branin(numbers(point, 2))],
  },
  {
    name: "hartmann6",
    parameters: box(6, "0.0", "1.0"),
    trials: 100,
    score: (point) => [hartmann6(numbers(point, 6))],
  },
  {
    name: "rosenbrock10",
    parameters: box(10, "-2.0", "2.0"),
    trials: 150,
    score: (point) => [rosenbrock(numbers(point, 10))],
  },
  {
    name: "mixed",
    parameters: `  kind: { values: [adam, sgd, plain] }
  rate: { distribution: log_uniform_values, min: 0.00001, max: 1 }
  layers: { min: 1, max: 9 }
  momentum: { min: 0.0, max: 1.0, when: kind == "sgd" }
  beta: { min: 0.0, max: 1.0, when: kind == "adam" }
`,
    trials: 80,
    score: (point) => [mixed(point)],
  },
  {
    name: "zdt1",
    parameters: box(4, "0.0", "1.0"),
    trials: 300,
    score: (point) => zdt(numbers(point, 4), Math.sqrt),
    reference: [1.1, 2],
  },
  {
    name: "zdt2",
    parameters: box(4, "0.0", "1.0"),
    trials: 300,
    score: (point) => zdt(numbers(point, 4), (ratio) => ratio ** 2),
    reference: [1.1, 2],
  },
];
