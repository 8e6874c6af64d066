import type { MetricsRow } from "../logger.ts";
import { writeVarint } from "../varint.ts";
import { encodeSummary } from "./proto.ts";
import { scalarTensor } from "./summaryTensors.ts";

const wallTimeKey = 0x09; // fields of an event: number << 3 | wire type
const stepKey = 0x10;
const summaryKey = 0x2a;
/** Three keys, a float64 and two varints. */
const longestHead = 3 + 8 + 2 * 8;
const floatBytes = 4;

/** The values of some tags, all 0. */
interface Row {
  /** Messages of one field that repeats are put behind each other. */
  readonly bytes: Uint8Array;
  /** Where each tag's message ends: its last four bytes are the number. */
  readonly ends: readonly number[];
}

/**
 * Encodes events that hold nothing but numbers, as `encodeEvent` does and to the same bytes. The same
 * tags come again and again: then all but the numbers is copied. As everywhere in protobuf, a field
 * that is 0 is left out.
 */
export class ScalarEncoder {
  #event: Buffer = Buffer.alloc(0);
  #numbers: DataView = new DataView(new ArrayBuffer(0));
  readonly #rows = new WeakMap<readonly string[], Row>();
  /** A summary with one value, by tag. */
  readonly #summaries = new Map<string, Uint8Array>();

  /**
   * @param row its names are tags, and its values are rounded to float32
   * @returns bytes that the next call uses again
   */
  encode({ names, values, point }: MetricsRow): Uint8Array {
    const { step, wallTimeSeconds: wallTime } = point;
    const { bytes, ends } = this.#row(names);
    const event = this.#room(longestHead + bytes.length);
    let at = 0;
    if (wallTime !== 0) {
      event[at] = wallTimeKey;
      at = event.writeDoubleLE(wallTime, at + 1);
    }
    if (step !== 0) {
      event[at] = stepKey;
      at = writeVarint(event, at + 1, step);
    }
    event[at] = summaryKey;
    at = writeVarint(event, at + 1, bytes.length);
    event.set(bytes, at);
    for (let i = 0; i < values.length; i++) {
      this.#numbers.setFloat32(at + ends[i]! - floatBytes, values[i]!, true);
    }
    return event.subarray(0, at + bytes.length);
  }

  #room(length: number): Buffer {
    if (this.#event.length < length) {
      this.#event = Buffer.allocUnsafeSlow(2 * length);
      this.#numbers = new DataView(this.#event.buffer);
    }
    return this.#event;
  }

  #row(tags: readonly string[]): Row {
    let row = this.#rows.get(tags);
    if (!row) {
      row = this.#rowOf(tags);
      this.#rows.set(tags, row);
    }
    return row;
  }

  #rowOf(tags: readonly string[]): Row {
    const summaries = tags.map((tag) => this.#summary(tag));
    let end = 0;
    const ends = summaries.map(({ length }) => (end += length));
    return { bytes: Buffer.concat(summaries), ends };
  }

  #summary(tag: string): Uint8Array {
    let summary = this.#summaries.get(tag);
    if (!summary) {
      summary = encodeSummary({ value: [{ tag, tensor: scalarTensor(0) }] });
      this.#summaries.set(tag, summary);
    }
    return summary;
  }
}
