import type { NumberBounds, Prefix } from "./numberPrefix.ts";

/** Digits of a number that may follow before a point, when it has so many. */
type Range = readonly [low: number, high: number];

/**
 * What may follow a prefix, where bounds do not cut through the numbers that begin with it: prefixes
 * of the same description are followed by the same. Undefined where they do, and where multiples are
 * asked for.
 *
 * @param room digits that may still follow
 */
export function continuationsOf(
  { sign, digits, behindPoint }: Prefix,
  bounds: NumberBounds,
  room: number,
): string | undefined {
  if (bounds.multipleOf !== undefined || digits === "") return undefined;
  if (sign === "-" && !/[1-9]/.test(digits)) return undefined; // no minus before zero
  const value = Number(digits);
  const shape = `${digits.length},${behindPoint}`;
  if (behindPoint >= 0) {
    const unit = 10 ** -behindPoint;
    const range: Range = [value * unit * (1 - rounding), (value + 1) * unit * (1 + rounding)];
    return within(signed(range, sign), bounds) === "inside" ? shape : undefined;
  }
  const most = digits === "0" ? 0 : room;
  const end = bounds.isInteger ? 0 : 1; // a fraction may follow
  let found = `${shape},${digits === "0"}`;
  for (let more = 0; more <= most; more++) {
    const scale = 10 ** more;
    const range: Range = [value * scale, (value + 1) * scale - 1 + end];
    const each = within(signed(range, sign), bounds);
    if (each === "partly") return undefined;
    found += each === "inside" ? ",y" : ",n";
  }
  return found;
}

/** False where no number of so many digits more before a point is within bounds; surely not. */
export function mayReach(
  { sign, digits, behindPoint }: Prefix,
  more: number,
  bounds: NumberBounds,
): boolean {
  const value = Number(digits);
  const scale = 10 ** (more - Math.max(0, behindPoint));
  const range: Range = [value * scale * (1 - rounding), (value + 1) * scale * (1 + rounding)];
  return within(signed(range, sign), bounds) !== "outside";
}

/** More than what products of decimals are off by. */
const rounding = 1e-12;

const signed = ([low, high]: Range, sign: string): Range =>
  sign === "-" ? [-high, -low] : [low, high];

function within([low, high]: Range, bounds: NumberBounds): "inside" | "outside" | "partly" {
  const { minimum = -Infinity, maximum = Infinity } = bounds;
  const { exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = bounds;
  if (high < minimum || low > maximum) return "outside";
  if (high <= exclusiveMinimum || low >= exclusiveMaximum) return "outside";
  const isInside =
    low >= minimum && high <= maximum && low > exclusiveMinimum && high < exclusiveMaximum;
  return isInside ? "inside" : "partly";
}
