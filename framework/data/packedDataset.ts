import { hostTensor } from "../base/hostTensor.ts";
import type { Dataset } from "./dataset.ts";
import { packDocuments, type PackOptions, type Span } from "./packDocuments.ts";
import type { TokenDocuments } from "./tokenDocuments.ts";

export interface PackedOptions extends PackOptions {
  /** Tokens in a row. */
  length: number;
  /** Fills what documents leave of a row. */
  padId: number;
}

/** Label of a token that is not to be learnt, as in PyTorch. */
const ignoredLabel = -100;

/**
 * Rows of several documents each, in the same rows at every epoch.
 *
 * Entries, all int32 `[length]`:
 * - `ids`: the tokens, then padding
 * - `labels`: the ids where a token is to be learnt from those before it, else -100: padding, what
 *   the documents say is only seen, and each document's first token, before which nothing stands
 * - `documents`: 1, 2, ... for the row's documents, 0 for padding; `ops.documentBias` keeps them apart
 * - `positions`: 0, 1, ... in each document; where a long one was cut, its rest, if there is one, begins at 0 again
 */
export function packedDataset(
  documents: TokenDocuments,
  { length, padId, ...options }: PackedOptions,
): Dataset {
  const rows = packDocuments(documents, length, options);
  return {
    length: rows.length,
    get(index) {
      const row = rows[index];
      if (row) return packedRow(documents, row, length, padId);
      throw new RangeError(`Cannot read row ${index}: the documents fill ${rows.length}`);
    },
  };
}

function packedRow(
  { ids, learnt }: TokenDocuments,
  row: readonly Span[],
  length: number,
  padId: number,
) {
  const made = {
    ids: new Int32Array(length).fill(padId),
    labels: new Int32Array(length).fill(ignoredLabel),
    documents: new Int32Array(length),
    positions: new Int32Array(length),
  };
  let at = 0;
  for (const [document, { start, end }] of row.entries()) {
    made.ids.set(ids.subarray(start, end), at);
    made.documents.fill(document + 1, at, at + end - start);
    for (let i = 0; i < end - start; i++) {
      made.positions[at + i] = i;
      if (i > 0 && learnt[start + i] === 1) made.labels[at + i] = ids[start + i]!;
    }
    at += end - start;
  }
  return Object.fromEntries(
    Object.entries(made).map(([name, values]) => [name, hostTensor(values, [length])]),
  );
}
