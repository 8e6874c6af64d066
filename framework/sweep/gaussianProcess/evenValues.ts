const powers = Array.from({ length: 21 }, (_, i) => -2 + i * 0.2);

/**
 * Values of mean 0 and variance 1, bent until they resemble a bell as much as can be: a few that are
 * huge would hide all differences between the others. Their order stays. What is not finite counts
 * as the worst.
 *
 * Source: Yeo & Johnson 2000, "A new family of power transformations to improve normality or
 * symmetry"; the power is the most likely one.
 */
export function evenValues(values: readonly number[]): Float64Array {
  const finite = values.filter(Number.isFinite);
  const worst = finite.length > 0 ? Math.max(...finite) : 0;
  const scaled = standardised(values.map((value) => (Number.isFinite(value) ? value : worst)));
  let [best, bestLikelihood] = [scaled, -Infinity];
  for (const power of powers) {
    const bent = scaled.map((value) => bend(value, power));
    let logSlopes = 0;
    for (const value of scaled)
      logSlopes += (power - 1) * Math.sign(value) * Math.log1p(Math.abs(value));
    const likelihood = (-bent.length / 2) * Math.log(variance(bent)) + logSlopes;
    if (likelihood > bestLikelihood) [best, bestLikelihood] = [bent, likelihood];
  }
  return standardised([...best]);
}

function bend(value: number, power: number): number {
  if (value >= 0) return power === 0 ? Math.log1p(value) : ((1 + value) ** power - 1) / power;
  const other = 2 - power;
  return Math.abs(other) < 1e-9 ? -Math.log1p(-value) : -((1 - value) ** other - 1) / other;
}

function standardised(values: readonly number[]): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(variance(values)) || 1;
  return Float64Array.from(values, (value) => (value - mean) / deviation);
}

function variance(values: ArrayLike<number>): number {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  return list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length;
}
