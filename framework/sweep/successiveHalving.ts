/** @file Which trials go on from a rung: pure functions of what all of them have reached there. */

/** A trial that has come to a rung. */
export interface RungEntry {
  /** Of the trial. */
  readonly index: number;
  /** To be made small; undefined when it failed before, or has logged none. */
  readonly value: number | undefined;
}

/** What becomes of a trial at a rung. */
export interface RungDecision {
  readonly index: number;
  readonly isPromoted: boolean;
  /** From 1, among all that came. */
  readonly place: number;
  readonly competitors: number;
  /** The worst value with which one goes on; undefined: none does. */
  readonly cutoff: number | undefined;
}

/**
 * Trials that train on from a rung: floor(n eta^-rung-1) of n, at least one. 1 means that the
 * survivor has no other rung before it, and trains to its end.
 *
 * Source: Jamieson & Talwalkar 2016, arXiv:1502.07943; n_i in Li et al. 2018, arXiv:1603.06560, algorithm 1.
 *
 * @param population n
 * @param rung from 0
 */
export const survivors = (population: number, eta: number, rung: number): number =>
  Math.max(1, Math.floor(population / eta ** (rung + 1)));

/** Step of a rung, at which trials pause. */
export const rungStep = (minSteps: number, eta: number, rung: number): number =>
  Math.ceil(minSteps * eta ** rung);

/**
 * Decides on all trials at a rung at once: the best go on, of equal ones the earlier; none that has
 * no value.
 *
 * @param keep how many
 */
export function decideRung(entries: readonly RungEntry[], keep: number): RungDecision[] {
  const ranked = entries.toSorted((a, b) => compare(rank(a), rank(b)) || a.index - b.index);
  const promoted = ranked.slice(0, keep).filter((entry) => rank(entry) < Infinity);
  const cutoff = promoted.at(-1)?.value;
  return ranked.map((entry, i) => ({
    index: entry.index,
    isPromoted: promoted.includes(entry),
    place: i + 1,
    competitors: entries.length,
    cutoff,
  }));
}

/**
 * The trial that goes on first from a rung of asynchronous successive halving: the best of those
 * that did not yet, if it is among the best 1 / eta of all that have come so far.
 *
 * Source: Li et al. 2020, arXiv:1810.05934, algorithm 2, `get_job`.
 *
 * @param hasGoneOn by the trial's index
 */
export function nextPromotion(
  entries: readonly RungEntry[],
  eta: number,
  hasGoneOn: (index: number) => boolean,
): RungDecision | undefined {
  const decisions = decideRung(entries, Math.floor(entries.length / eta));
  return decisions.find(({ index, isPromoted }) => isPromoted && !hasGoneOn(index));
}

const rank = ({ value = Number.NaN }: RungEntry): number =>
  Number.isNaN(value) ? Infinity : value;

const compare = (a: number, b: number): number => (a < b ? -1 : Number(a > b));
