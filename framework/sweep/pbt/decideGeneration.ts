import { RandomStream } from "../../base/random.ts";
import type { RungEntry } from "../successiveHalving.ts";
import { decideRung } from "../successiveHalving.ts";

export interface GenerationOptions {
  /** Of the sweep. */
  readonly seed: number;
  /** That ends, from 0. */
  readonly generation: number;
  readonly quantile: number;
}

/** What becomes of a member at the end of a generation. */
export interface MemberDecision {
  readonly index: number;
  /** From 1, the best. */
  readonly place: number;
  /** The member from which it goes on; undefined: it goes on from its own weights. */
  readonly donor: number | undefined;
}

/**
 * Truncation selection: the worst members, a share `quantile` of all, rounded up to at most half of
 * them, and all that have no value, each go on from one of as many best ones, drawn at random.
 *
 * Source: Jaderberg et al. 2017, arXiv:1711.09846, "exploit"; the rounding is Ray Tune's.
 *
 * @param members with what they have reached, in any order
 */
export function decideGeneration(
  members: readonly RungEntry[],
  { seed, generation, quantile }: GenerationOptions,
): MemberDecision[] {
  const count = Math.min(Math.ceil(members.length * quantile), Math.floor(members.length / 2));
  const ranked = decideRung(members, members.length);
  const best = ranked.slice(0, count).filter(({ isPromoted }) => isPromoted);
  return ranked.map(({ index, place, isPromoted }) => {
    const isBad = place > members.length - count || !isPromoted;
    if (!isBad || best.length === 0) return { index, place, donor: undefined };
    const stream = new RandomStream(seed, `pbt ${generation} ${index} donor`);
    const drawn = best[Math.floor(stream.uniform() * best.length)]!;
    return { index, place, donor: drawn.index };
  });
}
