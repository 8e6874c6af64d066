import { nonFiniteWord } from "../../tracking/jsonNumber.ts";
import type { JsonNumber } from "../api.ts";

/** A number as JSON can carry it. */
export function jsonNumber(value: number): JsonNumber {
  return Number.isFinite(value) ? value : (nonFiniteWord(value) ?? value);
}

export function jsonNumbers(values: ArrayLike<number>): JsonNumber[] {
  return Array.from(values, jsonNumber);
}

/** JSON text in which NaN and infinities are words. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "number" ? jsonNumber(each) : each,
  );
}
