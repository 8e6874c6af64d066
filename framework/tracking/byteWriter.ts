import { writeVarint } from "./varint.ts";

/** Longest arrays that are put byte by byte, which takes less than a call. */
const shortBytes = 48;

/** Bytes that are put behind each other, in memory that is used again for the next. */
export class ByteWriter {
  #bytes: Uint8Array = Buffer.allocUnsafeSlow(1 << 14);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** @param value from 0 to 255 */
  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Some of an array's bytes: all of them, unless it is said which. */
  put(bytes: Uint8Array, from = 0, to: number = bytes.length): void {
    const length = to - from;
    this.#reserve(length);
    if (length <= shortBytes) {
      for (let i = 0; i < length; i++) this.#bytes[this.#length + i] = bytes[from + i]!;
    } else {
      this.#bytes.set(bytes.subarray(from, to), this.#length);
    }
    this.#length += length;
  }

  /** A whole number from 0 to 2^53 as protobuf has it. */
  varint(value: number): void {
    this.#reserve(8);
    this.#length = writeVarint(this.#bytes, this.#length, value);
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
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.view());
    this.#bytes = larger;
  }
}
