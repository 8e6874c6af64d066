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

type Numbers = Pick<MetricsRow, "names" | "texts">;

/**
 * Encodes records of history, as `encodeRecord` does and to the same bytes, without an object for
 * each message. As everywhere in protobuf, a field that is 0 or empty is left out.
 */
export class HistoryEncoder {
  /** What stands in an item before its value's length, by key: the key's field. */
  readonly #keys = new Map<string, Uint8Array>();
  /** The same of sets of keys. */
  readonly #labels = new WeakMap<readonly string[], Pieces>();
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
    let labels = this.#labels.get(names);
    if (!labels) {
      labels = piecesOf(names.map((name) => this.#label(name)));
      this.#labels.set(names, labels);
    }
    const history = this.#history;
    for (let i = 0; i < names.length; i++) {
      const length = lengthOf(texts, i);
      this.#beginItem(lengthOf(labels, i), length);
      history.putPiece(labels, i);
      history.varint(length);
      history.putPiece(texts, i);
    }
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
