/** Words that JavaScript and Python use for what JSON cannot say. */
export type NonFiniteWord = "NaN" | "Infinity" | "-Infinity";

export function nonFiniteWord(value: number): NonFiniteWord | undefined {
  if (Number.isNaN(value)) return "NaN";
  if (value === Infinity) return "Infinity";
  return value === -Infinity ? "-Infinity" : undefined;
}

/** Whether JSON itself writes it so that it reads back to the same bits. */
export function isJsonNumber(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

/** A number as JSON text that reads back to the same bits; NaN and infinities become strings. */
export function numberToJson(value: number): string {
  const word = nonFiniteWord(value);
  if (word !== undefined) return `"${word}"`;
  return Object.is(value, -0) ? "-0" : JSON.stringify(value);
}

/** Inverse of `numberToJson` after `JSON.parse`; undefined for anything else. */
export function numberFromJson(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
  return undefined;
}
