const [minus, point, zero] = [0x2d, 0x2e, 0x30];

/** 00, 01, ... 99, behind each other. */
const pairs = Uint8Array.from({ length: 200 }, (_, i) => {
  const number = i >> 1;
  return zero + (i % 2 === 0 ? Math.floor(number / 10) : number % 10);
});

/** Most bytes that a number takes. */
export const mostNumberBytes = 32;

/** Numbers of float32 from here on have digits enough in what is written of them, and too many before. */
const smallest = 1e-4;
const tooLarge = 1e7;

/** Decimals behind the point: groups of so many digits. */
interface Groups {
  readonly count: number;
  readonly digits: number;
  /** 10 to the power of `digits`. */
  readonly scale: number;
}

const fromOne: Groups = { count: 2, digits: 8, scale: 1e8 };
const belowOne: Groups = { count: 2, digits: 9, scale: 1e9 };
const belowTenth: Groups = { count: 3, digits: 7, scale: 1e7 };

function groupsOf(size: number): Groups {
  if (size >= 1) return fromOne;
  return size >= 0.1 ? belowOne : belowTenth;
}

/**
 * Writes a number in ASCII so that it reads back to the same bits; NaN and infinities are bare words.
 *
 * What is logged mostly comes of float32, whose 17 digits as a float64 take JavaScript longer than all
 * else of a row. Such a number has at most 24 bits: groups of digits are taken from it without
 * rounding, until what is left out is less than half of what tells it from the next float64.
 *
 * @param bytes with room for `mostNumberBytes` from `offset` on
 * @returns where the next byte goes
 */
export function writeNumber(bytes: Uint8Array, offset: number, value: number): number {
  const size = Math.abs(value);
  const isPlain = size >= smallest && size < tooLarge && Math.fround(value) === value;
  if (!isPlain) return writeAscii(bytes, offset, Object.is(value, -0) ? "-0" : String(value));
  let at = offset;
  if (value < 0) bytes[at++] = minus;
  const whole = Math.floor(size);
  const end = at + (whole < 10 ? 1 : 1 + Math.floor(Math.log10(whole)));
  writeDigits(bytes, at, end, whole);
  at = end;
  return whole === size ? at : writeDecimals(bytes, at, size - whole, groupsOf(size));
}

/** @param fraction from 0 to 1, both exclusive */
function writeDecimals(
  bytes: Uint8Array,
  offset: number,
  fraction: number,
  groups: Groups,
): number {
  const { count, digits, scale } = groups;
  let at = offset;
  bytes[at++] = point;
  let rest = fraction;
  for (let group = 0; group < count && rest > 0; group++) {
    const scaled = rest * scale;
    const whole = Math.floor(scaled);
    rest = scaled - whole;
    writeDigits(bytes, at, at + digits, whole);
    at += digits;
  }
  while (bytes[at - 1] === zero) at--;
  return at;
}

/** Two digits at a time: half as many divisions. */
function writeDigits(bytes: Uint8Array, start: number, end: number, whole: number): void {
  let rest = whole | 0;
  let at = end - 2;
  for (; at >= start; at -= 2) {
    const hundredth = (rest / 100) | 0;
    const pair = 2 * (rest - 100 * hundredth);
    bytes[at] = pairs[pair]!;
    bytes[at + 1] = pairs[pair + 1]!;
    rest = hundredth;
  }
  if (at === start - 1) bytes[start] = zero + (rest % 10);
}

function writeAscii(bytes: Uint8Array, offset: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[offset + i] = text.charCodeAt(i);
  return offset + text.length;
}
