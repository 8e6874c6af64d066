import { ByteWriter } from "../byteWriter.ts";
import type { MetricsRow } from "../logger.ts";
import { mostNumberBytes, writeNumber } from "../numberBytes.ts";
import { varintLength, writeVarint } from "../varint.ts";
import { wellFormed } from "./json.ts";
import type { WandbValue } from "./rows.ts";

/** Fields: number << 3 | wire type. */
const numKey = 0x08; // of a record
const historyKey = 0x12;
const itemKey = 0x0a; // of a history
const stepKey = 0x12;
const stepNumKey = 0x08;
const keyKey = 0x0a; // of an item
const valueKey = [0x82, 0x01] as const;

type Numbers = Pick<MetricsRow, "names" | "texts">;

/**
 * Encodes records of history, as `encodeRecord` does and to the same bytes, without an object for
 * each message. As everywhere in protobuf, a field that is 0 or empty is left out.
 */
export class HistoryEncoder {
  /** The field of an item's key, by key. */
  readonly #keys = new Map<string, Uint8Array>();
  /** The same of sets of keys. */
  readonly #fields = new WeakMap<readonly string[], readonly Uint8Array[]>();
  readonly #history = new ByteWriter();
  readonly #record = new ByteWriter();
  readonly #number = new Uint8Array(mostNumberBytes);

  /**
   * @param num the record's number in its file
   * @param numbers of a row, which come first
   * @param parts of it, of which no two have the same key, nor one of the numbers'
   * @param step from 0
   * @returns bytes that the next call uses again
   */
  encode(
    num: number,
    numbers: Numbers | undefined,
    parts: readonly ReadonlyMap<string, WandbValue>[],
    step: number,
  ): Uint8Array {
    const history = this.#history;
    history.clear();
    if (numbers) this.#numbers(numbers);
    for (const part of parts) {
      for (const [key, value] of part) this.#value(key, value);
    }
    const stepLength = step === 0 ? 0 : 1 + varintLength(step);
    const record = this.#record;
    record.clear();
    record.byte(numKey);
    record.varint(num);
    record.byte(historyKey);
    record.varint(history.length + delimited(stepLength));
    record.put(history.view());
    record.byte(stepKey);
    record.varint(stepLength);
    if (step !== 0) {
      record.byte(stepNumKey);
      record.varint(step);
    }
    return record.view();
  }

  #numbers({ names, texts }: Numbers): void {
    let fields = this.#fields.get(names);
    if (!fields) {
      fields = names.map((name) => this.#key(name));
      this.#fields.set(names, fields);
    }
    let from = 0;
    for (let i = 0; i < fields.length; i++) {
      const to = texts.ends[i]!;
      this.#item(fields[i]!, texts.bytes, from, to);
      from = to;
    }
  }

  #value(key: string, value: WandbValue): void {
    const isNumber = typeof value === "number";
    const bytes = isNumber ? this.#number : Buffer.from(value);
    const length = isNumber ? writeNumber(bytes, 0, value) : bytes.length;
    this.#item(this.#key(key), bytes, 0, length);
  }

  /**
   * @param field of its key
   * @param bytes its value is from `from` to `to`
   */
  #item(field: Uint8Array, bytes: Uint8Array, from: number, to: number): void {
    const length = to - from;
    const history = this.#history;
    history.byte(itemKey);
    history.varint(field.length + 1 + delimited(length));
    history.put(field);
    for (const each of valueKey) history.byte(each);
    history.varint(length);
    history.put(bytes, from, to);
  }

  #key(key: string): Uint8Array {
    let field = this.#keys.get(key);
    if (!field) {
      field = keyField(wellFormed(key));
      this.#keys.set(key, field);
    }
    return field;
  }
}

function keyField(key: string): Uint8Array {
  if (key === "") return new Uint8Array();
  const text = Buffer.from(key);
  const field = new Uint8Array(delimited(text.length));
  field[0] = keyKey;
  field.set(text, writeVarint(field, 1, text.length));
  return field;
}

/** Bytes of a field that has so many bytes, and a number below 16. */
function delimited(length: number): number {
  return 1 + varintLength(length) + length;
}
