import { SharedHeads } from "./sharedHeads.ts";
import { tokenTrie, type TokenTrie } from "./tokenTrie.ts";

/** The bytes of tokens, and them as a tree. */
export interface ConstrainedVocabulary {
  readonly entries: readonly (Uint8Array | undefined)[];
  /** Made when it is first asked for. */
  readonly trie: TokenTrie;
  /** What constraints have in common. */
  readonly heads: SharedHeads;
}

/**
 * A vocabulary for constraints.
 *
 * @param entries bytes of each token; undefined for one that is no part of a text
 * @param headBytes memory for what constraints have in common; default: 32 MiB
 */
export function constrainedVocabulary(
  entries: readonly (Uint8Array | undefined)[],
  { headBytes = 2 ** 25 }: { readonly headBytes?: number } = {},
): ConstrainedVocabulary {
  let [trie, heads]: [TokenTrie?, SharedHeads?] = [];
  return {
    entries,
    get trie() {
      return (trie ??= tokenTrie(entries));
    },
    get heads() {
      return (heads ??= new SharedHeads(this.trie, { mostBytes: headBytes }));
    },
  };
}
