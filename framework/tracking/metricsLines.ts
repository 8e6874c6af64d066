import { ByteWriter } from "./byteWriter.ts";
import { numberToJson } from "./jsonNumber.ts";
import type { MetricsRow } from "./logger.ts";

const quotationMark = 0x22;
const comma = 0x2c;
const end = Buffer.from("}}\n");

/** Encodes rows of scalars as lines of `metrics.jsonl`, where NaN and infinities are words. */
export class MetricsLines {
  readonly #writer = new ByteWriter();
  /** Names of metrics as JSON has them, with a colon. */
  readonly #names = new Map<string, Uint8Array>();

  /** @returns bytes that the next call uses again */
  encode(rows: readonly MetricsRow[]): Uint8Array {
    this.#writer.clear();
    for (const row of rows) this.#line(row);
    return this.#writer.view();
  }

  #line({ metrics, point }: MetricsRow): void {
    const { step, epoch, wallTimeSeconds } = point;
    const writer = this.#writer;
    const head = `{"kind":"metrics","step":${step},"epoch":${numberToJson(epoch)},"wallTimeSeconds":${wallTimeSeconds},"metrics":{`;
    writer.put(Buffer.from(head));
    let isFirst = true;
    for (const name of Object.keys(metrics)) {
      if (!isFirst) writer.byte(comma);
      isFirst = false;
      writer.put(this.#name(name));
      const value = metrics[name]!;
      if (Number.isFinite(value)) {
        writer.number(value);
      } else {
        writer.byte(quotationMark);
        writer.number(value);
        writer.byte(quotationMark);
      }
    }
    writer.put(end);
  }

  #name(name: string): Uint8Array {
    let bytes = this.#names.get(name);
    if (!bytes) {
      bytes = Buffer.from(`${JSON.stringify(name)}:`);
      this.#names.set(name, bytes);
    }
    return bytes;
  }
}
