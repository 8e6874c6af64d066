import { hostTensor, ignoredLabel, type HostBatch } from "seedbed";

/** Where a text that is to be continued was found. */
export interface RowPrompt {
  readonly row: number;
  readonly tokens: readonly number[];
}

/**
 * The beginnings of a batch's documents: all before the first token that is learnt, which is what
 * an assistant is to answer; of texts that are learnt from their second token on, the first
 * `promptTokens`. A document of which nothing is learnt has none.
 *
 * @param batch packed rows
 */
export function promptsOfRows(batch: HostBatch, promptTokens: number): RowPrompt[] {
  const { rows, length, ids, labels, documents } = partsOf(batch);
  const prompts: RowPrompt[] = [];
  for (let row = 0; row < rows; row++) {
    const at = row * length;
    for (let start = 0; start < length && documents[at + start]! > 0;) {
      let end = start;
      while (end < length && documents[at + end] === documents[at + start]) end++;
      const tokens = Array.from(ids.subarray(at + start, at + end));
      const learnt = tokens.findIndex((_, i) => labels[at + start + i] !== ignoredLabel);
      const count = learnt === 1 ? Math.min(promptTokens, tokens.length - 1) : learnt;
      if (count > 0) prompts.push({ row, tokens: tokens.slice(0, count) });
      start = end;
    }
  }
  return prompts;
}

/**
 * The batch with samples in place of its documents: each prompt with what was added to it, as many
 * as fit into their row. Nothing is a label any more, as nobody says what should have been said;
 * `compared` marks the tokens that were added, at which a student is compared with its teacher.
 *
 * @param added to each prompt, with the token that ended it
 * @returns entries of the same shapes
 */
export function sampledRows(
  batch: HostBatch,
  prompts: readonly RowPrompt[],
  added: readonly (readonly number[])[],
  padId: number,
): HostBatch {
  const { rows, length } = partsOf(batch);
  const made = {
    ids: new Int32Array(rows * length).fill(padId),
    labels: new Int32Array(rows * length).fill(ignoredLabel),
    compared: new Int32Array(rows * length).fill(ignoredLabel),
    documents: new Int32Array(rows * length),
    positions: new Int32Array(rows * length),
  };
  const used = Array.from({ length: rows }, () => ({ tokens: 0, documents: 0 }));
  for (const [i, { row, tokens }] of prompts.entries()) {
    const all = [...tokens, ...added[i]!];
    const place = used[row]!;
    if (place.tokens + all.length > length) continue;
    const start = row * length + place.tokens;
    made.ids.set(all, start);
    made.documents.fill(++place.documents, start, start + all.length);
    for (const [k, token] of all.entries()) {
      made.positions[start + k] = k;
      if (k >= tokens.length) made.compared[start + k] = token;
    }
    place.tokens += all.length;
  }
  const entries = Object.entries(made);
  return {
    ...batch,
    ...Object.fromEntries(entries.map(([name, each]) => [name, hostTensor(each, [rows, length])])),
  };
}

interface RowParts {
  readonly rows: number;
  readonly length: number;
  readonly ids: Int32Array;
  readonly labels: Int32Array;
  readonly documents: Int32Array;
}

function partsOf(batch: HostBatch): RowParts {
  const [rows = 0, length = 0] = batch["ids"]!.shape;
  const [ids, labels, documents] = ["ids", "labels", "documents"].map((name) =>
    Int32Array.from(batch[name]!.values),
  );
  return { rows, length, ids: ids!, labels: labels!, documents: documents! };
}
