/**
 * Logarithm of the standard normal distribution function, precise in its lower tail as well.
 *
 * @param z where; -Infinity gives -Infinity
 */
export function logNormalCdf(z: number): number {
  if (z === -Infinity) return -Infinity;
  if (z > 0) return Math.log1p(-Math.exp(logNormalCdf(-z)));
  const x = -z / Math.SQRT2;
  return x < 2 ? Math.log((1 - erfSeries(x)) / 2) : logErfcFraction(x) - Math.LN2;
}

/**
 * Logarithm of the standard normal's mass between two places, also where both lie far out on one
 * side.
 *
 * @param a below `b`
 */
export function logNormalMass(a: number, b: number): number {
  if (a > 0) return logNormalMass(-b, -a);
  if (b > 0) return Math.log1p(-Math.exp(logNormalCdf(a)) - Math.exp(logNormalCdf(-b)));
  const upper = logNormalCdf(b);
  return upper + Math.log1p(-Math.exp(logNormalCdf(a) - upper));
}

/** For x from 0 to 2. Source: Abramowitz & Stegun 1964, 7.1.6. */
function erfSeries(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** For x from 2 up. Source: Abramowitz & Stegun 1964, 7.1.14, from its far end. */
function logErfcFraction(x: number): number {
  let fraction = x;
  for (let n = 120; n > 0; n--) fraction = x + n / 2 / fraction;
  return -x * x - Math.log(fraction * Math.sqrt(Math.PI));
}
