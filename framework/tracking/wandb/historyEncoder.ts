import { varintLength, writeVarint } from "../varint.ts";
import { wellFormed } from "./json.ts";

/** Fields: number << 3 | wire type. */
const numKey = 0x08; // of a record
const historyKey = 0x12;
const itemKey = 0x0a; // of a history
const stepKey = 0x12;
const stepNumKey = 0x08;
const keyKey = 0x0a; // of an item
const valueKey = [0x82, 0x01] as const;

/**
 * Encodes records of history, as `encodeRecord` does and to the same bytes, without an object for
 * each message. As everywhere in protobuf, a field that is 0 or empty is left out.
 */
export class HistoryEncoder {
  /** The field of an item's key, by key. */
  readonly #keys = new Map<string, Uint8Array>();

  /**
   * @param num the record's number in its file
   * @param entries keys, and values as W&B's JSON
   * @param step from 0
   */
  encode(
    num: number,
    entries: readonly (readonly [key: string, valueJson: string])[],
    step: number,
  ): Uint8Array {
    const stepLength = step === 0 ? 0 : 1 + varintLength(step);
    let length = delimited(stepLength);
    for (const [key, valueJson] of entries) length += delimited(this.#itemLength(key, valueJson));
    const record = Buffer.allocUnsafe(1 + varintLength(num) + delimited(length));
    record[0] = numKey;
    let at = writeVarint(record, 1, num);
    record[at] = historyKey;
    at = writeVarint(record, at + 1, length);
    for (const [key, valueJson] of entries) at = this.#writeItem(record, at, key, valueJson);
    record[at] = stepKey;
    at = writeVarint(record, at + 1, stepLength);
    if (step === 0) return record;
    record[at] = stepNumKey;
    writeVarint(record, at + 1, step);
    return record;
  }

  #itemLength(key: string, valueJson: string): number {
    return this.#key(key).length + 1 + delimited(Buffer.byteLength(valueJson));
  }

  #writeItem(record: Buffer, offset: number, key: string, valueJson: string): number {
    const field = this.#key(key);
    record[offset] = itemKey;
    let at = writeVarint(record, offset + 1, this.#itemLength(key, valueJson));
    record.set(field, at);
    at += field.length;
    record.set(valueKey, at);
    at = writeVarint(record, at + valueKey.length, Buffer.byteLength(valueJson));
    return at + record.write(valueJson, at);
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
