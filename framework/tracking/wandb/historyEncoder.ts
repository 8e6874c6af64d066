import { ByteWriter } from "../byteWriter.ts";
import type { MetricsRow } from "../logger.ts";
import { mostNumberBytes, writeNumber } from "../numberBytes.ts";
import { lengthOf, piecesOf, type Pieces } from "../pieces.ts";
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
const valueKey: Uint8Array = Uint8Array.of(0x82, 0x01);

const itemHeadBytes = 2;
/** Whole numbers below this take one byte. */
const mostOfOneByte = 128;

/** What is before the numbers of a set of keys: the item's own head, its key, and a byte for the number's length. */
interface Heads {
  readonly heads: Pieces;
  /** Whether the length of each item takes one byte, as that of a number does. */
  readonly areShort: boolean;
}

type Numbers = Pick<MetricsRow, "names" | "values" | "texts">;

/**
 * Encodes records of history, as `encodeRecord` does and to the same bytes, without an object for
 * each message. As everywhere in protobuf, a field that is 0 or empty is left out.
 */
export class HistoryEncoder {
  /** What stands in an item before its value's length, by key: the key's field. */
  readonly #keys = new Map<string, Uint8Array>();
  readonly #heads = new WeakMap<readonly string[], Heads>();
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

  #numbers({ names, values, texts }: Numbers): void {
    const { heads, areShort } = this.#headsOf(names);
    if (!areShort) return names.forEach((name, i) => this.#value(name, values[i]!));
    const history = this.#history;
    let at = history.length;
    history.putInTurns(heads, texts);
    for (let i = 0; i < names.length; i++) {
      const length = lengthOf(texts, i);
      const head = lengthOf(heads, i);
      history.change(at + 1, head - itemHeadBytes + length);
      history.change(at + head - 1, length);
      at += head + length;
    }
  }

  #headsOf(names: readonly string[]): Heads {
    let known = this.#heads.get(names);
    if (!known) {
      const heads = names.map((name) => Uint8Array.of(itemKey, 0, ...this.#label(name), 0));
      const longest = heads.reduce((most, { length }) => Math.max(most, length), 0);
      const areShort = longest - itemHeadBytes + mostNumberBytes < mostOfOneByte;
      this.#heads.set(names, (known = { heads: piecesOf(heads), areShort }));
    }
    return known;
  }

  #value(key: string, value: WandbValue): void {
    const isNumber = typeof value === "number";
    const bytes = isNumber ? this.#number : Buffer.from(value);
    const length = isNumber ? writeNumber(bytes, 0, value) : bytes.length;
    const label = this.#label(key);
    this.#beginItem(label.length, length);
    this.#history.put(label);
    this.#history.varint(length);
    this.#history.put(bytes.subarray(0, length));
  }

  #beginItem(labelLength: number, valueLength: number): void {
    this.#history.byte(itemKey);
    this.#history.varint(labelLength + varintLength(valueLength) + valueLength);
  }

  #label(key: string): Uint8Array {
    let label = this.#keys.get(key);
    if (!label) {
      label = Buffer.concat([keyField(wellFormed(key)), valueKey]);
      this.#keys.set(key, label);
    }
    return label;
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
