import { SharedHeads } from "./sharedHeads.ts";
import { tokenTrie, type TokenTrie } from "./tokenTrie.ts";

/** The bytes of tokens, and them as a tree. */
export interface ConstrainedVocabulary {
  readonly entries: readonly (Uint8Array | undefined)[];
  readonly trie: TokenTrie;
  /** What constraints have in common. */
  readonly heads: SharedHeads;
}

/**
 * A vocabulary for constraints.
 *
 * @param entries bytes of each token; undefined for one that is no part of a text
 */
export function constrainedVocabulary(
  entries: readonly (Uint8Array | undefined)[],
): ConstrainedVocabulary {
  const trie = tokenTrie(entries);
  return { entries, trie, heads: new SharedHeads(trie) };
}
