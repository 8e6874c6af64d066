/** Bytes that are read at once, though fewer may be meant. */
export const wordBytes = 4;

/** Byte strings, one behind the other. */
export interface Pieces {
  /** Goes on for a word behind the last of them. */
  readonly words: DataView;
  /** Where each begins in `words`, and at last where they end. */
  readonly offsets: Uint32Array;
}

export function piecesOf(parts: readonly Uint8Array[]): Pieces {
  const offsets = new Uint32Array(parts.length + 1);
  for (const [i, part] of parts.entries()) offsets[i + 1] = offsets[i]! + part.length;
  const bytes = new Uint8Array(offsets.at(-1)! + wordBytes);
  for (const [i, part] of parts.entries()) bytes.set(part, offsets[i]);
  return { words: new DataView(bytes.buffer), offsets };
}

/** Bytes of one piece, or of all up to another. */
export function lengthOf({ offsets }: Pieces, index: number, end: number = index + 1): number {
  return offsets[end]! - offsets[index]!;
}
