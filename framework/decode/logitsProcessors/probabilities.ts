/** Softmax in double precision. */
export function probabilities(logits: Float32Array): Float64Array {
  const largest = maximum(logits);
  const weights = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Logarithms of the softmax; minus infinity stays. */
export function logProbabilities(logits: Float32Array): Float64Array {
  const largest = maximum(logits);
  let total = 0;
  for (const logit of logits) total += Math.exp(logit - largest);
  const shift = largest + Math.log(total);
  return Float64Array.from(logits, (logit) => logit - shift);
}

/** Entropy in nats. */
export function entropy(each: Float64Array): number {
  return each.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
}

export interface TopLogProbability {
  readonly id: number;
  readonly logProbability: number;
}

/** The likeliest tokens, best first. */
export function topLogProbabilities(logits: Float32Array, count: number): TopLogProbability[] {
  const all = logProbabilities(logits);
  return largest(all, count).map((id) => ({ id, logProbability: all[id]! }));
}

/** Places of the largest values, the largest first; of equals the first. */
export function largest(values: Float32Array | Float64Array, count: number): number[] {
  const least = values.toSorted()[Math.max(0, values.length - count)]!;
  return Array.from(values.keys())
    .filter((i) => values[i]! >= least)
    .toSorted((a, b) => values[b]! - values[a]! || a - b)
    .slice(0, count);
}

export function maximum(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, value), -Infinity);
}
