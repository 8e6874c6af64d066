import { ByteWriter } from "./byteWriter.ts";
import { numberToJson } from "./jsonNumber.ts";
import type { MetricsRow } from "./logger.ts";
import { piecesOf, type Pieces } from "./pieces.ts";

const quotationMark = 0x22;
const end = Buffer.from("}}\n");

/** Encodes rows of scalars as lines of `metrics.jsonl`, where NaN and infinities are words. */
export class MetricsLines {
  readonly #writer = new ByteWriter();
  /** What stands before each value of some names: the name as JSON has it, with a colon. */
  readonly #labels = new WeakMap<readonly string[], Pieces>();

  /** @returns bytes that the next call uses again */
  encode(rows: readonly MetricsRow[]): Uint8Array {
    this.#writer.clear();
    for (const row of rows) this.#line(row);
    return this.#writer.view();
  }

  #line({ names, values, texts, point }: MetricsRow): void {
    const { step, epoch, wallTimeSeconds } = point;
    const writer = this.#writer;
    const head = `{"kind":"metrics","step":${step},"epoch":${numberToJson(epoch)},"wallTimeSeconds":${wallTimeSeconds},"metrics":{`;
    writer.put(Buffer.from(head));
    const labels = this.#labelsOf(names);
    if (areFinite(values)) writer.putInTurns(labels, texts);
    else this.#withWords(labels, values, texts);
    writer.put(end);
  }

  #withWords(labels: Pieces, values: Float64Array, texts: Pieces): void {
    const writer = this.#writer;
    for (let i = 0; i < values.length; i++) {
      const isWord = !Number.isFinite(values[i]!);
      writer.putPiece(labels, i);
      if (isWord) writer.byte(quotationMark);
      writer.putPiece(texts, i);
      if (isWord) writer.byte(quotationMark);
    }
  }

  #labelsOf(names: readonly string[]): Pieces {
    let labels = this.#labels.get(names);
    if (!labels) {
      const texts = names.map((name, i) => `${i > 0 ? "," : ""}${JSON.stringify(name)}:`);
      labels = piecesOf(texts.map((text) => Buffer.from(text)));
      this.#labels.set(names, labels);
    }
    return labels;
  }
}

function areFinite(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}
