import type { ConstrainedVocabulary } from "./constraint.ts";
import { tokenTrie } from "./tokenTrie.ts";

/**
 * A vocabulary for constraints.
 *
 * @param entries bytes of each token; undefined for one that is no part of a text
 */
export function constrainedVocabulary(
  entries: readonly (Uint8Array | undefined)[],
): ConstrainedVocabulary {
  return { entries, trie: tokenTrie(entries) };
}
