import { documentStart, type TokenDocuments } from "./tokenDocuments.ts";

/** A part of a document, by its place in the joined ids: `[start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface PackOptions {
  /**
   * Whether what a row has no room for, of a document that is longer, is a document of its own; if
   * not, it is left out. A dialogue's rest answers questions that are not there. Default true.
   */
  rests?: boolean;
}

/**
 * Puts documents into rows of one length with few gaps: the longest first, each into the row where
 * it leaves least room. Only documents longer than a row are cut.
 *
 * Source: Ding et al. 2024, arXiv:2404.10830, "best-fit packing": documents that are not cut make
 * fewer invented facts than those that are joined and chopped.
 *
 * @param length tokens in a row, >= 2
 * @returns for each row its spans, in the documents' order; rows in the order of their first span
 */
export function packDocuments(
  documents: Pick<TokenDocuments, "ends">,
  length: number,
  { rests = true }: PackOptions = {},
): readonly (readonly Span[])[] {
  if (!Number.isInteger(length) || length < 2) {
    throw new RangeError(`Cannot pack documents: length must be an integer >= 2, got ${length}`);
  }
  const rows: Span[][] = [];
  /** Rows by the room that is left in them. */
  const withRoom = Array.from({ length: length + 1 }, (): number[] => []);
  for (const span of piecesOf(documents, length, rests)) {
    const size = span.end - span.start;
    let room = size;
    while (room <= length && withRoom[room]!.length === 0) room++;
    const row = withRoom[room]?.pop() ?? rows.push([]) - 1;
    rows[row]!.push(span);
    withRoom[Math.min(room, length) - size]!.push(row);
  }
  for (const row of rows) row.sort((a, b) => a.start - b.start);
  return rows.toSorted((a, b) => a[0]!.start - b[0]!.start);
}

/** Longest first, equally long ones in their order. */
function piecesOf({ ends }: Pick<TokenDocuments, "ends">, length: number, rests: boolean): Span[] {
  const pieces: Span[] = [];
  ends.forEach((end, document) => {
    for (let start = documentStart({ ends }, document); start < end; start += length) {
      pieces.push({ start, end: Math.min(start + length, end) });
      if (!rests) break;
    }
  });
  return pieces.toSorted((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start);
}
