/**
 * Inverse of the distribution function of Beta(a, b), by bisection of the regularised incomplete
 * beta function: to the last digits, and sure for any shape.
 *
 * @param u in [0, 1]
 */
export function betaQuantile(u: number, a: number, b: number): number {
  let [low, high] = [0, 1];
  for (let middle = 0.5; low < middle && middle < high; middle = (low + high) / 2) {
    if (incompleteBeta(middle, a, b) < u) low = middle;
    else high = middle;
  }
  return u <= 0 ? 0 : u >= 1 ? 1 : high;
}

/**
 * The distribution function of Beta(a, b), by its continued fraction, which converges fast below
 * the mean.
 *
 * Source: Abramowitz & Stegun 1964, 26.5.8.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const logFront =
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  return Math.exp(logFront) / a / betaFraction(x, a, b);
}

const tiny = 1e-300;

/** 1 + d1 / (1 + d2 / (1 + ...)) by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  let [value, numerator, denominator] = [1, 1, 0];
  for (let i = 1; i < 10_000; i++) {
    const term = fractionTerm(i, x, a, b);
    denominator = 1 / nonZero(1 + term * denominator);
    numerator = nonZero(1 + term / numerator);
    const factor = numerator * denominator;
    value *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return value;
}

const nonZero = (value: number): number => (Math.abs(value) < tiny ? tiny : value);

function fractionTerm(i: number, x: number, a: number, b: number): number {
  const m = Math.floor(i / 2);
  const below = (a + 2 * m) * (i % 2 === 0 ? a + 2 * m - 1 : a + 2 * m + 1);
  return ((i % 2 === 0 ? m * (b - m) : -(a + m) * (a + b + m)) * x) / below;
}

const stirling = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360];

/** Stirling's series, from 10 up; smaller arguments by the recurrence. */
function logGamma(x: number): number {
  if (x < 10) return logGamma(x + 1) - Math.log(x);
  const series = stirling.reduce((sum, c, i) => sum + c / x ** (2 * i + 1), 0);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}
