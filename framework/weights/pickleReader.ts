import { InputError } from "../base/errors.ts";

/** Reads the arguments of a pickle's instructions, never beyond its end. */
export class PickleReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #source: string;
  #position = 0;

  /** @param source file and entry, for messages */
  constructor(bytes: Uint8Array, source: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#source = source;
  }

  get position(): number {
    return this.#position;
  }

  byte(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint2(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  int4(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  uint4(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** An unsigned number of eight bytes: a length. */
  long8(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  /** Eight bytes, most significant first. */
  double(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  /** A two's-complement integer of so many bytes; a bigint where a number is not exact. */
  long(length: number): number | bigint {
    if (length === 0) return 0;
    const bytes = Buffer.from(this.bytes(length)).toReversed();
    const unsigned = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
    const value = BigInt.asIntN(8 * length, unsigned);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** UTF-8. */
  text(length: number): string {
    return new TextDecoder().decode(this.bytes(length));
  }

  latin1(length: number): string {
    return Buffer.from(this.bytes(length)).toString("latin1");
  }

  /** Up to the end of the line, which is skipped. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#position);
    const text = this.text((end < 0 ? this.#bytes.length : end) - this.#position);
    this.#take(1);
    return text;
  }

  #take(length: number): number {
    const start = this.#position;
    if (length > this.#bytes.length - start) {
      throw new InputError(`Cannot read ${this.#source}: the pickle is truncated`);
    }
    this.#position += length;
    return start;
  }
}
