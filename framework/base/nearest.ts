import { distance } from "fastest-levenshtein";

/**
 * The known name that a mistyped one most likely meant, or nothing when none is near: at most a
 * third of the letters may differ, at least two.
 */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const limit = Math.max(2, Math.floor(name.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of known) {
    const away = distance(name.toLowerCase(), candidate.toLowerCase());
    if (away < bestDistance) [best, bestDistance] = [candidate, away];
  }
  return best;
}

/** `; did you mean "x"?`, or the known names when none is near. For the end of an error message. */
export function suggest(name: string, known: Iterable<string>): string {
  const names = [...known].toSorted();
  const best = nearest(name, names);
  if (best !== undefined) return `; did you mean "${best}"?`;
  return names.length > 0 ? `; known: ${names.join(", ")}` : "";
}
