import type { JsonNumber } from "../../api.ts";

/** A number from JSON, where NaN and infinities are words. */
export function toNumber(value: JsonNumber | null | undefined): number {
  return value === null || value === undefined ? Number.NaN : Number(value);
}

/** To four significant digits: `0.9123`, `1.3e-5`, `12.35M`; NaN and infinities as they are. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return value === Infinity ? "∞" : value === -Infinity ? "−∞" : "NaN";
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value).replace("-", "−");
  const size = Math.abs(value);
  const text =
    size >= 1e6 || size < 1e-3 ? scientific(value) : String(Number(value.toPrecision(4)));
  return text.replace("-", "−");
}

function scientific(value: number): string {
  const [digits = "", exponent = ""] = value.toExponential(3).split("e");
  return `${Number(digits)}e${exponent.replace("+", "")}`;
}

/** Every digit that the number has. */
export function fullNumber(value: number): string {
  return String(value);
}

/** `1.2 GB` */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}
