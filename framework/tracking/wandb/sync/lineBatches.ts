/** Lines that go to the server in one request. */
export interface LineBatch {
  /** Of the first line, among all. */
  first: number;
  lines: string[];
  /** Place after the last line, also of those that were left out. */
  end: number;
}

/** W&B leaves longer lines out of a history. */
export const longestLineBytes = 9.9e6;

const mostLines = 2000;
const mostBytes = 4e6;

/**
 * Cuts lines into requests. A line that is too long for W&B is sent as an empty row, so that every
 * other keeps its place.
 *
 * @param from lines before it are passed over
 */
export function* lineBatches(lines: readonly string[], from: number): Generator<LineBatch> {
  for (let first = from; first < lines.length;) {
    const batch: string[] = [];
    let bytes = 0;
    let end = first;
    for (; end < lines.length && batch.length < mostLines; end++) {
      const size = Buffer.byteLength(lines[end]!);
      if (batch.length > 0 && bytes + size > mostBytes) break;
      batch.push(size > longestLineBytes ? "{}" : lines[end]!);
      bytes += size;
    }
    yield { first, lines: batch, end };
    first = end;
  }
}
