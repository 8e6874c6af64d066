/** Weights with their mask, both in one order. */
export interface MaskedWeights {
  readonly weights: Float32Array;
  /** 1: kept, 0: pruned. */
  readonly mask: Float32Array;
}

/**
 * Sets masks to 0 where the weights are smallest, until `count` of all elements are pruned. What
 * is pruned already stays so and counts; of equal magnitudes the first go first.
 *
 * Magnitudes are compared by their bits, which have the order of the numbers.
 */
export function pruneSmallest(tensors: readonly MaskedWeights[], count: number): void {
  const pruned = countPruned(tensors);
  if (count <= pruned) return;
  const { threshold, below } = select(tensors, count - pruned);
  let ties = count - pruned - below;
  for (const { weights, mask } of tensors) {
    const bits = bitsOf(weights);
    for (let i = 0; i < mask.length; i++) {
      if (mask[i] === 0) continue;
      const magnitude = bits[i]! & magnitudeBits;
      if (magnitude > threshold || (magnitude === threshold && ties-- <= 0)) continue;
      mask[i] = 0;
    }
  }
}

export function countPruned(tensors: readonly MaskedWeights[]): number {
  let pruned = 0;
  for (const { mask } of tensors) for (const kept of mask) if (kept === 0) pruned++;
  return pruned;
}

const magnitudeBits = 0x7fff_ffff;

const bitsOf = ({ buffer, byteOffset, length }: Float32Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, length);

/** The magnitude of this rank (from 1) among what is not pruned, and how many are smaller. */
function select(
  tensors: readonly MaskedWeights[],
  rank: number,
): { threshold: number; below: number } {
  const high = rankIn(
    histogram(tensors, (bits) => bits >>> 16),
    rank,
  );
  const low = rankIn(
    histogram(tensors, (bits) => (bits >>> 16 === high.bin ? bits & 0xffff : undefined)),
    rank - high.below,
  );
  return { threshold: high.bin * 65_536 + low.bin, below: high.below + low.below };
}

function histogram(
  tensors: readonly MaskedWeights[],
  binOf: (magnitude: number) => number | undefined,
): Uint32Array {
  const counts = new Uint32Array(65_536);
  for (const { weights, mask } of tensors) {
    const bits = bitsOf(weights);
    for (let i = 0; i < mask.length; i++) {
      if (mask[i] === 0) continue;
      const bin = binOf(bits[i]! & magnitudeBits);
      if (bin !== undefined) counts[bin]!++;
    }
  }
  return counts;
}

/** The bin that holds the element of this rank, and how many elements are in the bins below. */
function rankIn(counts: Uint32Array, rank: number): { bin: number; below: number } {
  let below = 0;
  for (const [bin, size] of counts.entries()) {
    if (below + size >= rank) return { bin, below };
    below += size;
  }
  throw new RangeError(`Cannot prune ${rank} weights: expected at most the ${below} that are left`);
}
