/** Documents as numbers, one after the other in one array. */
export interface TokenDocuments {
  readonly ids: Uint16Array;
  /** Where in `ids` each document ends, ascending; the last is their length. */
  readonly ends: Uint32Array;
  /** 1 where a token is to be learnt, 0 where it is only seen; as long as `ids`. */
  readonly learnt: Uint8Array;
}

/** One document: its ids, and which of them are to be learnt; all, if it does not say. */
export interface TokenDocument {
  readonly ids: ArrayLike<number>;
  readonly learnt?: ArrayLike<number>;
}

/**
 * Joins documents. Ids are kept in two bytes.
 *
 * @throws {RangeError} for an id outside [0, 65536), or marks that are not as many as the ids
 */
export function tokenDocuments(documents: Iterable<TokenDocument>): TokenDocuments {
  const list = [...documents];
  const length = list.reduce((sum, { ids }) => sum + ids.length, 0);
  const joined = {
    ids: new Uint16Array(length),
    ends: new Uint32Array(list.length),
    learnt: new Uint8Array(length).fill(1),
  };
  let at = 0;
  for (const [document, { ids, learnt }] of list.entries()) {
    checkDocument(document, ids, learnt);
    joined.ids.set(ids, at);
    if (learnt) joined.learnt.set(learnt, at);
    at += ids.length;
    joined.ends[document] = at;
  }
  return joined;
}

function checkDocument(
  document: number,
  ids: ArrayLike<number>,
  learnt: ArrayLike<number> | undefined,
): void {
  if (learnt && learnt.length !== ids.length) {
    throw new RangeError(
      `Cannot join documents: expected ${ids.length} marks for document ${document}, got ${learnt.length}`,
    );
  }
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (Number.isInteger(id) && id >= 0 && id < 65536) continue;
    throw new RangeError(
      `Cannot join documents: expected ids in [0, 65536), got ${id} in document ${document}`,
    );
  }
}

/** Where a document begins in `ids`. */
export function documentStart({ ends }: Pick<TokenDocuments, "ends">, document: number): number {
  return document === 0 ? 0 : ends[document - 1]!;
}

/** One document; it shares the memory of all. */
export function documentAt(documents: TokenDocuments, document: number): Required<TokenDocument> {
  const { ids, ends, learnt } = documents;
  if (document >= ends.length) {
    throw new RangeError(
      `Cannot read document ${document}: expected an index below ${ends.length}`,
    );
  }
  const start = documentStart(documents, document);
  const end = ends[document]!;
  return { ids: ids.subarray(start, end), learnt: learnt.subarray(start, end) };
}
