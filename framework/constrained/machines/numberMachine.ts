import type { Machine } from "../expressions.ts";
import { continuationsOf, mayReach } from "./continuations.ts";
import type { NumberBounds, Prefix } from "./numberPrefix.ts";

/** The sign, the point, each digit, and what is between and behind them. */
const kinds: readonly number[] = Array.from("-./0123456789:", (byte) => byte.charCodeAt(0));

/** Digits that every number of 64 bits tells apart. */
const mostDigits = 15;

/**
 * Decimal numbers of at most 15 digits between bounds, as JSON writes them, without an exponent, a
 * leading zero or a minus before zero.
 */
export function numberMachine(bounds: NumberBounds): Machine {
  const known = new Map<string, number>();
  function distance(state: string): number {
    const found = known.get(state);
    if (found !== undefined) return found;
    const made = leastDigits(state, bounds);
    known.set(state, made);
    return made;
  }
  const continuations = (state: string): string | undefined => {
    const prefix = parsePrefix(state);
    return continuationsOf(prefix, bounds, roomOf(prefix));
  };
  /** Prefixes by what may follow them. */
  const representatives = new Map<string, string>();
  function representative(state: string): string {
    const key = continuations(state);
    if (key === undefined) return state;
    let found = representatives.get(key);
    if (found === undefined) {
      const isSame = (text: string): boolean =>
        isPrefix(text, bounds) && continuations(text) === key;
      found = firstAlike(parsePrefix(state), isSame) ?? state;
      representatives.set(key, found);
    }
    return found;
  }
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, isInteger } = bounds;
  const limits = [minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf];
  return {
    key: `number ${isInteger} ${limits.join()}`,
    start: "",
    kinds,
    distance,
    accepts: (state) => distance(state) === 0,
    step(state, byte) {
      const next = state + String.fromCharCode(byte);
      if (!isPrefix(next, bounds)) return undefined;
      const same = representative(next);
      return distance(same) < Infinity ? same : undefined;
    },
  };
}

const prefixPattern = /^(-?)(?:(0|[1-9][0-9]*)(?:\.([0-9]*))?)?$/;

function isPrefix(text: string, { isInteger, multipleOf }: NumberBounds): boolean {
  const match = prefixPattern.exec(text);
  if (!match) return false;
  const [, sign, whole = "", behind] = match;
  if (behind !== undefined && (isInteger || multipleOf !== undefined)) return false;
  if (sign === "-" && whole === "0" && behind === undefined && isInteger) return false;
  return whole.length + (behind?.length ?? 0) <= mostDigits;
}

function parsePrefix(text: string): Prefix {
  const [, sign = "", whole = "", behind] = prefixPattern.exec(text)!;
  const isNegative = sign === "-";
  return {
    sign: isNegative ? "-" : "",
    digits: whole + (behind ?? ""),
    behindPoint: behind === undefined ? -1 : behind.length,
  };
}

/**
 * The first prefix of the same shape that serves as well, looked for in an order that hardly depends
 * on the prefix: machines of other forms, which have met other numbers, come to the same one.
 */
function firstAlike(
  { digits, behindPoint }: Prefix,
  serves: (text: string) => boolean,
): string | undefined {
  const whole = digits.length - Math.max(0, behindPoint);
  for (let kept = 0; kept < digits.length; kept++) {
    for (const sign of ["", "-"]) {
      for (const digit of "1234567890") {
        const filled = digits.slice(0, kept) + digit.repeat(digits.length - kept);
        const behind = behindPoint === -1 ? "" : `.${filled.slice(whole)}`;
        const text = sign + filled.slice(0, whole) + behind;
        if (serves(text)) return text;
      }
    }
  }
  return undefined;
}

/** Fewest bytes that make a prefix a number within bounds. */
function leastDigits(text: string, bounds: NumberBounds): number {
  if (isWithin(text, bounds)) return 0;
  const prefix = parsePrefix(text);
  if (prefix.digits === "") return 1 + leastOfStarts(text, bounds);
  const whole = leastOfWhole(prefix, bounds);
  return Math.min(whole, leastOfFraction(prefix, bounds, whole));
}

const roomOf = ({ digits }: Prefix): number => mostDigits - digits.length;

/** Whether digits may follow before a point. */
const isOpen = ({ digits, behindPoint }: Prefix): boolean => behindPoint === -1 && digits !== "0";

/** Fewest digits without a point. */
function leastOfWhole(prefix: Prefix, bounds: NumberBounds): number {
  for (let more = 1; more <= roomOf(prefix) && isOpen(prefix); more++) {
    if (mayReach(prefix, more, bounds) && canReach(prefix, more, 0, bounds)) return more;
  }
  return Infinity;
}

/**
 * Fewest digits behind a point, with it and digits before it where it is not there yet.
 *
 * @param known that more are not asked for
 */
function leastOfFraction(prefix: Prefix, bounds: NumberBounds, known: number): number {
  if (bounds.isInteger || bounds.multipleOf !== undefined) return Infinity;
  const point = prefix.behindPoint >= 0 ? 0 : 1;
  let least = known;
  for (let before = 0; before <= (isOpen(prefix) ? roomOf(prefix) : 0); before++) {
    if (!mayReach(prefix, before, bounds)) continue;
    const most = Math.min(roomOf(prefix) - before, least - before - point - 1);
    for (let behind = 1; behind <= most; behind++) {
      if (!canReach(prefix, before, behind, bounds)) continue;
      least = before + behind + point;
      break;
    }
  }
  return least;
}

function leastOfStarts(text: string, bounds: NumberBounds): number {
  const nexts = [...(text === "" ? ["-"] : []), ...Array.from("0123456789")].map(
    (byte) => text + byte,
  );
  const fitting = nexts.filter((next) => isPrefix(next, bounds));
  return Math.min(Infinity, ...fitting.map((next) => leastDigits(next, bounds)));
}

const decimalPattern = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/;

function isWithin(text: string, bounds: NumberBounds): boolean {
  if (!decimalPattern.test(text) || /^-0(?:\.0*)?$/.test(text)) return false;
  const value = Number(text);
  const { minimum = -Infinity, maximum = Infinity, multipleOf = 1, isInteger } = bounds;
  const { exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = bounds;
  if (value < minimum || value > maximum) return false;
  if (value <= exclusiveMinimum || value >= exclusiveMaximum) return false;
  return !(isInteger || bounds.multipleOf !== undefined) || value % multipleOf === 0;
}

/** Whether a prefix can be within bounds, with so many digits more before a point and behind it. */
function canReach(
  { sign, digits, behindPoint }: Prefix,
  before: number,
  behind: number,
  bounds: NumberBounds,
): boolean {
  const more = before + behind;
  const scale = Math.max(0, behindPoint) + behind;
  const low = BigInt(digits + "0".repeat(more));
  const high = BigInt(digits + "9".repeat(more));
  const [from, to] = sign === "-" ? [-high, -low] : [low, high];
  const { least, greatest } = scaledBounds(bounds, scale);
  const first = from > least ? from : least;
  const last = to < greatest ? to : greatest;
  if (first > last) return false;
  if (bounds.multipleOf === undefined) return sign === "" || first < 0n;
  const step = BigInt(bounds.multipleOf);
  const multiple = first >= 0n ? ((first + step - 1n) / step) * step : -((-first / step) * step);
  return multiple <= last && (sign === "" || multiple < 0n);
}

/** Bounds in units of `10 ** -scale`, both included. */
function scaledBounds(
  { minimum, maximum, exclusiveMinimum, exclusiveMaximum }: NumberBounds,
  scale: number,
): { least: bigint; greatest: bigint } {
  const farthest = 10n ** BigInt(mostDigits + scale);
  const lower = [
    ...(minimum === undefined ? [] : [roundUp(minimum, scale, false)]),
    ...(exclusiveMinimum === undefined ? [] : [roundUp(exclusiveMinimum, scale, true)]),
  ];
  const upper = [
    ...(maximum === undefined ? [] : [-roundUp(-maximum, scale, false)]),
    ...(exclusiveMaximum === undefined ? [] : [-roundUp(-exclusiveMaximum, scale, true)]),
  ];
  return {
    least: lower.reduce((a, b) => (a > b ? a : b), -farthest),
    greatest: upper.reduce((a, b) => (a < b ? a : b), farthest),
  };
}

/** The least whole number of units that is at least a value, or above it. */
function roundUp(value: number, scale: number, isExclusive: boolean): bigint {
  const { units, rest } = inUnits(value, scale);
  if (rest !== 0) return units + (rest > 0 ? 1n : 0n);
  return isExclusive ? units + 1n : units;
}

/** A number's shortest decimal in units of `10 ** -scale`, towards zero, and the sign of the rest. */
function inUnits(value: number, scale: number): { units: bigint; rest: number } {
  const [, sign = "", whole = "", behind = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  const digits = BigInt(whole + behind);
  const shift = scale + Number(exponent) - behind.length;
  const factor = 10n ** BigInt(Math.abs(shift));
  const units = shift >= 0 ? digits * factor : digits / factor;
  const isExact = shift >= 0 || units * factor === digits;
  const direction = sign === "-" ? -1 : 1;
  return { units: BigInt(direction) * units, rest: isExact ? 0 : direction };
}
