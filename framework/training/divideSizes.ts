/**
 * Divides things among workers so that each has about as much: the largest first, each to the worker
 * that has least so far (Graham 1969, longest processing time first).
 *
 * @param sizes by name
 * @returns the worker of each, in the order of the names
 */
export function divideSizes(
  sizes: ReadonlyMap<string, number>,
  workers: number,
): ReadonlyMap<string, number> {
  const loads = Array.from({ length: workers }, () => 0);
  const rankOf = new Map([...sizes.keys()].map((name) => [name, 0]));
  for (const [name, size] of [...sizes].toSorted(([, a], [, b]) => b - a)) {
    const rank = loads.indexOf(Math.min(...loads));
    rankOf.set(name, rank);
    loads[rank]! += size;
  }
  return rankOf;
}
