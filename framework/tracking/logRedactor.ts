import { isUtf8 } from "node:buffer";

import { LineRedactor } from "./lineRedactor.ts";
import { knownSecrets, redacted, redactLookalikes } from "./redactSecrets.ts";

/** A line that is longer is looked at in parts. */
const longestLine = 1 << 20;
/** What looks like a secret is found whole, wherever a long line is parted, unless it is longer. */
const longestLookalike = 1 << 15;
const [lineFeed, carriageReturn] = [10, 13];

/** Where bytes have a secret. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Takes secrets out of bytes that come piece by piece, with memory for the longest secret and a line of
 * at most 1 MiB. Values of the environment are sought byte by byte, over lines; what looks like a
 * secret line by line, where a line that is no UTF-8 is read as Latin 1, in which each byte is a
 * character. A progress bar's `\r` ends a line, too.
 */
export class LogRedactor {
  readonly #secrets: readonly Buffer[];
  /** What has to come behind a byte before it is known whether a secret begins there. */
  readonly #lookahead: number;
  readonly #lines = new LineRedactor(redactLookalikes);
  #rest: Buffer = Buffer.alloc(0);
  #hasChanged = false;

  constructor(environment: NodeJS.ProcessEnv) {
    this.#secrets = knownSecrets(environment).map((secret) => Buffer.from(secret));
    this.#lookahead = Math.max(0, ...this.#secrets.map(({ length }) => length - 1));
  }

  /** Whether there was a secret so far. */
  get hasChanged(): boolean {
    return this.#hasChanged;
  }

  /** @returns what can be told of all that has come */
  write(bytes: Uint8Array): Uint8Array {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    return this.#take(this.#settledBytes());
  }

  /** @returns all that is left */
  end(): Uint8Array {
    return this.#take(this.#rest.length);
  }

  /** Up to a line's end, or within a line that is too long. */
  #settledBytes(): number {
    const settled = this.#rest.length - this.#lookahead;
    if (settled <= 0) return 0;
    const lastEnd = Math.max(
      this.#rest.lastIndexOf(lineFeed, settled - 1),
      this.#rest.lastIndexOf(carriageReturn, settled - 1),
    );
    if (lastEnd >= 0) return lastEnd + 1;
    const parted = this.#rest.length - Math.max(this.#lookahead, longestLookalike);
    return parted < longestLine ? 0 : placeToPart(this.#rest, parted);
  }

  /** @param count of bytes; a secret that begins among them is taken whole */
  #take(count: number): Uint8Array {
    if (count === 0) return this.#rest.subarray(0, 0);
    const spans = this.#knownSpans(count);
    const end = Math.max(count, spans.at(-1)?.end ?? 0);
    const pieces: Buffer[] = [];
    let at = 0;
    for (const span of spans) {
      pieces.push(this.#rest.subarray(at, span.start), Buffer.from(redacted));
      at = span.end;
    }
    const last = this.#rest.subarray(at, end);
    this.#rest = this.#rest.subarray(end);
    if (spans.length > 0) this.#hasChanged = true;
    return this.#withoutLookalikes(pieces.length === 0 ? last : Buffer.concat([...pieces, last]));
  }

  /** Where values of the environment begin before a byte, in order; those that overlap are one. */
  #knownSpans(before: number): Span[] {
    const found = this.#secrets.flatMap((secret) => occurrences(this.#rest, secret, before));
    const spans: Span[] = [];
    for (const span of found.toSorted((a, b) => a.start - b.start)) {
      const last = spans.at(-1);
      if (!last || span.start >= last.end) spans.push(span);
      else spans[spans.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
    }
    return spans;
  }

  #withoutLookalikes(part: Buffer): Uint8Array {
    if (!this.#lines.isInKey && isUtf8(part)) {
      const text = part.toString();
      if (redactLookalikes(text) === text) return part; // so has none of its lines
    }
    const kept: Uint8Array[] = [];
    for (let at = 0; at < part.length;) {
      const end = lineEnd(part, at);
      kept.push(...this.#redactLine(part.subarray(at, end)));
      at = end;
    }
    return Buffer.concat(kept);
  }

  /** @param line with its end, if it has one */
  #redactLine(line: Buffer): Uint8Array[] {
    const hasEnd = line.at(-1) === lineFeed || line.at(-1) === carriageReturn;
    const length = hasEnd ? line.length - 1 : line.length;
    const encoding = isUtf8(line) ? "utf8" : "latin1";
    const text = line.toString(encoding, 0, length);
    const clean = this.#lines.redact(text);
    if (clean === text) return [line];
    this.#hasChanged = true;
    return clean === undefined ? [] : [Buffer.from(clean, encoding), line.subarray(length)];
  }
}

function occurrences(bytes: Buffer, secret: Buffer, before: number): Span[] {
  const spans: Span[] = [];
  for (let at = bytes.indexOf(secret); at >= 0 && at < before;) {
    spans.push({ start: at, end: at + secret.length });
    at = bytes.indexOf(secret, at + secret.length);
  }
  return spans;
}

/** Behind the end of the line that begins at a byte. */
function lineEnd(bytes: Buffer, from: number): number {
  const feed = bytes.indexOf(lineFeed, from);
  const end = feed < 0 ? bytes.length : feed + 1;
  const returned = bytes.subarray(from, end).indexOf(carriageReturn);
  return returned < 0 ? end : from + returned + 1;
}

/** The last place, up to one, where a long line can be parted without parting what looks like a secret. */
function placeToPart(line: Buffer, last: number): number {
  const [start, end] = [last - longestLookalike, last + longestLookalike];
  const text = line.toString("latin1", start, end);
  const whole = redactLookalikes(text);
  for (let at = longestLookalike; at > 0; at -= 256) {
    const parts = redactLookalikes(text.slice(0, at)) + redactLookalikes(text.slice(at));
    if (parts === whole) return start + at;
  }
  return last;
}
