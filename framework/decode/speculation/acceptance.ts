/** Probabilities of each token of the vocabulary. */
export type Probabilities = Float32Array | Float64Array;

/**
 * Whether a proposed token is taken, and what takes its place if not, such that the outcome is
 * distributed as the model says, whatever was proposed.
 *
 * Source: Leviathan et al. 2023, arXiv:2211.17192, algorithm 1: taken with probability
 * `min(1, p / q)`, else drawn from `max(0, p - q)`, normalised.
 *
 * @param target `p`, the model's probabilities
 * @param token that was proposed
 * @param draft `q`, the probabilities it was drawn with. Default: it was certain
 * @throws {RangeError} when the proposal could not have been drawn
 */
export function acceptance(
  target: Probabilities,
  token: number,
  draft?: Probabilities,
): { probability: number; otherwise: Float64Array } {
  const proposed = draft ? draft[token]! : 1;
  if (!(proposed > 0) || token >= target.length) {
    throw new RangeError(
      `Cannot accept token ${token}: expected a proposal of some probability, got ${proposed}`,
    );
  }
  const left = Float64Array.from(target, (p, i) =>
    Math.max(0, p - (draft ? draft[i]! : i === token ? 1 : 0)),
  );
  const sum = left.reduce((total, p) => total + p, 0);
  const otherwise = sum > 0 ? left.map((p) => p / sum) : left;
  return { probability: Math.min(1, target[token]! / proposed), otherwise };
}

/**
 * The token that a number picks.
 *
 * @param uniform in [0, 1)
 */
export function drawToken(probabilities: Probabilities, uniform: number): number {
  let total = 0;
  for (let token = 0; token < probabilities.length; token++) total += probabilities[token]!;
  let [left, last] = [uniform * total, -1];
  for (let token = 0; token < probabilities.length; token++) {
    const p = probabilities[token]!;
    if (p <= 0) continue;
    last = token;
    left -= p;
    if (left < 0) return token;
  }
  if (last < 0) throw new RangeError("Cannot pick a token: no probability is above 0");
  return last;
}

/** All probability on the likeliest token, the first of equals: for texts without chance. */
export function greedyProbabilities(logits: Float32Array): Float32Array {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  const probabilities = new Float32Array(logits.length);
  probabilities[best] = 1;
  return probabilities;
}
