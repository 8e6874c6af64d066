/** What a score is made of. */
export interface Quality {
  /** 0 is the class, 1 a picture of the subject. */
  readonly fidelity: number;
  /** Of the class's samples, over that of the untuned model's. */
  readonly diversity: number;
  /** How far the class's samples have gone to the subject, as `fidelity` counts. */
  readonly drift: number;
}

/** Between what may be chosen and what may not. */
const refused = -1;

/**
 * One number to choose a checkpoint by: the subject's fidelity as long as the class is kept, and
 * otherwise less than that of every model that keeps it, by how far the class is lost. So the best
 * is the most faithful model that has not overtrained, and of none that has not, the least
 * overtrained.
 *
 * Source: Deb 2000, "An efficient constraint handling method for genetic algorithms", eq. 4: what
 * breaks a constraint ranks below all that breaks none, by the sum of the excesses.
 */
export function qualityScore(
  { fidelity, diversity, drift }: Quality,
  { leastDiversity, mostDrift }: { leastDiversity: number; mostDrift: number },
): number {
  const excess = Math.max(0, leastDiversity - diversity) + Math.max(0, drift - mostDrift);
  return excess > 0 ? refused - excess : Math.max(refused, fidelity);
}
