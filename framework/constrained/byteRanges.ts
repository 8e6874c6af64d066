/** Bytes `first` to `last`, both included. */
export type ByteRange = readonly [first: number, last: number];

export function hasByte(ranges: readonly ByteRange[], byte: number): boolean {
  for (const [first, last] of ranges) if (byte >= first && byte <= last) return true;
  return false;
}

/** The same bytes in as few ranges as can be, in their order. */
export function joinRanges(ranges: readonly ByteRange[]): readonly ByteRange[] {
  if (ranges.length === 1) return ranges;
  const joined: [number, number][] = [];
  for (const [first, last] of ranges.toSorted(([a], [b]) => a - b)) {
    const before = joined.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  return joined;
}
