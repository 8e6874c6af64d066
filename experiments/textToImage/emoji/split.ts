import { createHash } from "node:crypto";

/** A drawing as the split sees it. */
export interface SplitKey {
  readonly codepoint: string;
  readonly style: string;
}

/**
 * Divides drawings into train and validation by a hash of `codepoint/style`, so that a pair is on
 * the same side in every preset. At least one drawing of each concept stays in train: validation
 * asks for a known concept in a style it was not seen in.
 *
 * @param fraction expected share of validation
 * @returns positions in `drawings`, ascending
 */
export function splitDrawings(
  drawings: readonly SplitKey[],
  { seed, fraction }: { seed: number; fraction: number },
): { train: number[]; validation: number[] } {
  const remaining = new Map<string, number>();
  for (const { codepoint } of drawings) {
    remaining.set(codepoint, (remaining.get(codepoint) ?? 0) + 1);
  }
  const train: number[] = [];
  const validation: number[] = [];
  drawings.forEach(({ codepoint, style }, i) => {
    const left = remaining.get(codepoint)!;
    if (left > 1 && unitHash(`${seed}:${codepoint}/${style}`) < fraction) {
      remaining.set(codepoint, left - 1);
      validation.push(i);
    } else {
      train.push(i);
    }
  });
  return { train, validation };
}

/** A text's place in [0, 1), evenly spread. */
function unitHash(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0) / 2 ** 32;
}
