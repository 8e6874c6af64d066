import { writeVarint } from "../varint.ts";
import { encodeSummary } from "./proto.ts";
import { scalarTensor } from "./summaryTensors.ts";

const wallTimeKey = 0x09; // fields of an event: number << 3 | wire type
const stepKey = 0x10;
const summaryKey = 0x2a;
/** Three keys, a float64 and two varints. */
const longestHead = 3 + 8 + 2 * 8;
const floatBytes = 4;

/**
 * Encodes events that hold nothing but numbers, as `encodeEvent` does and to the same bytes. A tag's
 * value is encoded once; later ones differ from it in their last four bytes, the number itself. As
 * everywhere in protobuf, a field that is 0 is left out.
 */
export class ScalarEncoder {
  /** A summary with one value, by tag. */
  readonly #summaries = new Map<string, Uint8Array>();

  /**
   * @param wallTime seconds since 1970
   * @param step from 0
   * @param scalars by tag; rounded to float32
   */
  encode(wallTime: number, step: number, scalars: Readonly<Record<string, number>>): Uint8Array {
    const tags = Object.keys(scalars);
    let length = 0;
    for (const tag of tags) length += this.#summary(tag).length;
    const event = Buffer.allocUnsafe(longestHead + length);
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
    at = writeVarint(event, at + 1, length);
    for (const tag of tags) {
      const summary = this.#summary(tag);
      event.set(summary, at);
      at += summary.length;
      event.writeFloatLE(scalars[tag]!, at - floatBytes);
    }
    return event.subarray(0, at);
  }

  /** Messages of one field that repeats can be put behind each other. */
  #summary(tag: string): Uint8Array {
    let summary = this.#summaries.get(tag);
    if (!summary) {
      summary = encodeSummary({ value: [{ tag, tensor: scalarTensor(0) }] });
      this.#summaries.set(tag, summary);
    }
    return summary;
  }
}
