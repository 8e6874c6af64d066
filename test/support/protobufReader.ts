/**
 * A reader of protobuf's wire format that knows no message: an independent check of what the
 * project's encoders wrote.
 */
export class WireMessage {
  readonly #fields = new Map<number, (bigint | Buffer)[]>();

  constructor(bytes: Uint8Array) {
    const buffer = Buffer.from(bytes);
    let offset = 0;
    const varint = (): bigint => {
      for (let value = 0n, shift = 0n; ; shift += 7n) {
        const byte = buffer[offset++]!;
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
      }
    };
    const take = (length: number): Buffer => {
      if (offset + length > buffer.length)
        throw new RangeError("Cannot read message: it is cut off");
      return buffer.subarray(offset, (offset += length));
    };
    // by wire type; types 3 and 4, groups, are never written
    const readers: Record<number, () => bigint | Buffer> = {
      0: varint,
      1: () => take(8),
      2: () => take(Number(varint())),
      5: () => take(4),
    };
    while (offset < buffer.length) {
      const key = Number(varint());
      const value = readers[key & 7]!();
      this.#fields.set(key >> 3, [...this.all(key >> 3), value]);
    }
  }

  /** Numbers of the fields that are present, ascending. */
  get fields(): number[] {
    return [...this.#fields.keys()].sort((a, b) => a - b);
  }

  all(field: number): (bigint | Buffer)[] {
    return this.#fields.get(field) ?? [];
  }

  has(field: number): boolean {
    return this.#fields.has(field);
  }

  /** A varint; 0 when absent. */
  int(field: number): number {
    return Number(this.all(field)[0] ?? 0n);
  }

  /** Every occurrence of a field that is no varint. */
  allBytes(field: number): Buffer[] {
    return this.all(field).map((value) => {
      if (typeof value !== "bigint") return value;
      throw new TypeError(`Cannot read field ${field}: it is a varint`);
    });
  }

  bytes(field: number): Buffer {
    return this.allBytes(field)[0] ?? Buffer.alloc(0);
  }

  text(field: number): string {
    return this.bytes(field).toString();
  }

  double(field: number): number {
    return this.bytes(field).readDoubleLE();
  }

  message(field: number): WireMessage {
    return new WireMessage(this.bytes(field));
  }

  messages(field: number): WireMessage[] {
    return this.allBytes(field).map((bytes) => new WireMessage(bytes));
  }
}
