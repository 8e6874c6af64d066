import type { Machine } from "../expressions.ts";

/** Where bytes begin that UTF-8 tells apart, as first or as following ones. */
const firstBytes: readonly number[] = [
  ...[0x80, 0x90, 0xa0, 0xc0, 0xc2, 0xe0, 0xe1, 0xed, 0xee, 0xf0, 0xf1, 0xf4, 0xf5],
];

/** Bytes that follow a first byte of UTF-8; undefined for one that begins nothing. */
function followingBytes(
  byte: number,
): readonly [count: number, low: number, high: number] | undefined {
  if (byte < 0x80) return [0, 0x80, 0xbf];
  if (byte >= 0xc2 && byte <= 0xdf) return [1, 0x80, 0xbf];
  if (byte === 0xe0) return [2, 0xa0, 0xbf];
  if (byte === 0xed) return [2, 0x80, 0x9f];
  if (byte >= 0xe1 && byte <= 0xef) return [2, 0x80, 0xbf];
  if (byte === 0xf0) return [3, 0x90, 0xbf];
  if (byte >= 0xf1 && byte <= 0xf3) return [3, 0x80, 0xbf];
  if (byte === 0xf4) return [3, 0x80, 0x8f];
  return undefined;
}

export interface UntilOptions {
  /** Bytes that the text ends with, or must not have. */
  readonly mark: Uint8Array;
  /** Whether the text ends with the mark, the first time that it is there; else it never has it. */
  readonly ends: boolean;
}

/**
 * Any text in UTF-8 up to a mark and with it, or any without it.
 *
 * Source of how the mark is found: Knuth, Morris & Pratt 1977, "Fast pattern matching in strings".
 */
export function untilMachine({ mark, ends }: UntilOptions): Machine {
  const longest = failures(mark);
  function matched(count: number, byte: number): number {
    let at = count;
    while (at > 0 && mark[at] !== byte) at = longest[at - 1]!;
    return mark[at] === byte ? at + 1 : at;
  }
  return {
    kinds: [...firstBytes, ...Array.from(mark, (byte) => [byte, byte + 1]).flat()],
    key: `until ${ends} ${mark.join()}`,
    // bytes of the mark that are there, bytes that a character needs, and the next one's bounds
    start: "0,0,128,191",
    accepts: (state) => {
      const [count = 0, open = 0] = numbersOf(state);
      return ends ? count === mark.length : open === 0;
    },
    distance(state) {
      const [count = 0, open = 0] = numbersOf(state);
      if (!ends) return open;
      return open > 0 ? open + mark.length : mark.length - count;
    },
    step(state, byte) {
      const [count = 0, open = 0, low = 0, high = 0] = numbersOf(state);
      if (count === mark.length) return undefined;
      const next = matched(count, byte);
      if (next === mark.length && !ends) return undefined;
      if (open > 0) {
        if (byte < low || byte > high) return undefined;
        return `${next},${open - 1},128,191`;
      }
      const following = followingBytes(byte);
      return following && `${next},${following.join()}`;
    },
  };
}

const numbersOf = (state: string): number[] => state.split(",").map(Number);

/** For each beginning of the mark, how much of it is also its end. */
function failures(mark: Uint8Array): number[] {
  const longest = [0];
  for (let i = 1, count = 0; i < mark.length; i++) {
    while (count > 0 && mark[i] !== mark[count]) count = longest[count - 1]!;
    if (mark[i] === mark[count]) count++;
    longest.push(count);
  }
  return longest;
}
