import { stripVTControlCharacters } from "node:util";

import { keyBegin, keyEnd, redacted } from "./redactSecrets.ts";

/**
 * Takes secrets out of lines that come one after another: of a private key, which has many, the first
 * says that it was there, and the others go.
 */
export class LineRedactor {
  readonly #redact: (line: string) => string;
  #isInKey = false;
  #hadShortLine = false;

  /** @param redact for what is within a line */
  constructor(redact: (line: string) => string) {
    this.#redact = redact;
  }

  /** Whether the next line may be a key's. */
  get isInKey(): boolean {
    return this.#isInKey;
  }

  /** @returns undefined for a line that has nothing but a part of a key */
  redact(line: string): string | undefined {
    return this.#isInKey ? this.#redactInKey(line) : this.#redactOutside(line);
  }

  #redactOutside(line: string): string {
    this.#isInKey = openKey.test(line);
    this.#hadShortLine = false;
    return this.#redact(line);
  }

  #redactInKey(line: string): string | undefined {
    const end = endMark.exec(line);
    if (end) {
      this.#isInKey = false;
      const rest = line.slice(end.index + end[0].length);
      return rest === "" ? undefined : this.#redactOutside(rest);
    }
    if (this.#isOfKey(stripVTControlCharacters(line).trim())) return undefined;
    const withoutData = line.replaceAll(prefixedData, redacted);
    if (withoutData === line) return this.#redactOutside(line); // the key has broken off
    return this.#redact(withoutData);
  }

  /** Only the last line of a key is short; others may be words that come after one that has broken off. */
  #isOfKey(shown: string): boolean {
    if (shown === "" || header.test(shown) || checksum.test(shown)) return true;
    if (!data.test(shown)) return false;
    if (shown.length >= shortestWhole) return true;
    if (this.#hadShortLine) return false;
    return (this.#hadShortLine = true);
  }
}

/** A beginning without its end behind it. */
const openKey = new RegExp(`${keyBegin}(?!.*${keyEnd})`);
const endMark = new RegExp(keyEnd);
const header = /^(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|MessageID): /;
const data = /^[\w+/=\\-]+$/;
const shortestWhole = 32;
/** PGP's, behind the last line. */
const checksum = /^=[A-Za-z0-9+/]{4}$/;
/** Of a key that is printed line by line, each with the time or a name before it, which stay. */
const prefixedData = /(?<=[\s"'|>:])[A-Za-z0-9+/=]{40,}/g;
