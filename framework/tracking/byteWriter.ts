import { lengthOf, wordBytes, type Pieces } from "./pieces.ts";
import { writeVarint } from "./varint.ts";

/** Longest arrays that are put byte by byte, which takes less than a call. */
const shortBytes = 48;

/** Bytes that are put behind each other, in memory that is used again for the next. */
export class ByteWriter {
  #bytes: Uint8Array = Buffer.allocUnsafeSlow(1 << 14);
  #words = viewOf(this.#bytes);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** @param value from 0 to 255 */
  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  put(bytes: Uint8Array): void {
    const { length } = bytes;
    this.#reserve(length);
    if (length <= shortBytes) {
      for (let i = 0; i < length; i++) this.#bytes[this.#length + i] = bytes[i]!;
    } else {
      this.#bytes.set(bytes, this.#length);
    }
    this.#length += length;
  }

  /** One of some pieces, in words: what they have too many is overwritten by what comes next. */
  putPiece(pieces: Pieces, index: number): void {
    const { words, offsets } = pieces;
    const from = offsets[index]!;
    const length = lengthOf(pieces, index);
    this.#reserve(length + wordBytes);
    const [own, at] = [this.#words, this.#length];
    for (let i = 0; i < length; i += wordBytes) own.setInt32(at + i, words.getInt32(from + i));
    this.#length += length;
  }

  /** A whole number from 0 to 2^53 as protobuf has it. */
  varint(value: number): void {
    this.#reserve(8);
    this.#length = writeVarint(this.#bytes, this.#length, value);
  }

  /** As many pieces of two kinds, one of each in turns: in one loop, for a call for each takes half as long again. */
  putInTurns(first: Pieces, second: Pieces): void {
    const count = first.offsets.length - 1;
    this.#reserve(lengthOf(first, 0, count) + lengthOf(second, 0, count) + wordBytes);
    const own = this.#words;
    const [words, offsets] = [first.words, first.offsets];
    const [otherWords, otherOffsets] = [second.words, second.offsets];
    let at = this.#length;
    for (let n = 0; n < count; n++) {
      const from = offsets[n]!;
      const length = offsets[n + 1]! - from;
      for (let i = 0; i < length; i += wordBytes) own.setInt32(at + i, words.getInt32(from + i));
      at += length;
      const otherFrom = otherOffsets[n]!;
      const otherLength = otherOffsets[n + 1]! - otherFrom;
      for (let i = 0; i < otherLength; i += wordBytes) {
        own.setInt32(at + i, otherWords.getInt32(otherFrom + i));
      }
      at += otherLength;
    }
    this.#length = at;
  }

  /** Puts another byte in the place of one that was put. */
  change(offset: number, value: number): void {
    this.#bytes[offset] = value;
  }

  /** What was put, as long as nothing else is. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Begins anew. */
  clear(): void {
    this.#length = 0;
  }

  #reserve(length: number): void {
    const needed = this.#length + length;
    if (needed > this.#bytes.length) this.#grow(needed);
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.view());
    this.#bytes = larger;
    this.#words = viewOf(larger);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
