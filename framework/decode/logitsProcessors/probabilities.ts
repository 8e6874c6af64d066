/** Softmax in double precision. */
export function probabilities(logits: Float32Array): Float64Array {
  const largest = maximum(logits);
  const weights = new Float64Array(logits.length);
  let total = 0;
  for (let i = 0; i < logits.length; i++) total += weights[i] = Math.exp(logits[i]! - largest);
  for (let i = 0; i < weights.length; i++) weights[i]! /= total;
  return weights;
}

/** Logarithms of the softmax; minus infinity stays. */
export function logProbabilities(logits: Float32Array): Float64Array {
  const largest = maximum(logits);
  let total = 0;
  for (let i = 0; i < logits.length; i++) total += Math.exp(logits[i]! - largest);
  const shift = largest + Math.log(total);
  const logs = new Float64Array(logits.length);
  for (let i = 0; i < logits.length; i++) logs[i] = logits[i]! - shift;
  return logs;
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
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]!);
  return most;
}

/** The first token whose logit is NaN or Infinity; -1 where there is none. A token may be forbidden. */
export function firstNotFinite(logits: Float32Array): number {
  let at = 0;
  while (at < logits.length && logits[at]! < Infinity) at++;
  return at === logits.length ? -1 : at;
}
