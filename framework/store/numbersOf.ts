import { numberFromJson } from "../tracking/jsonNumber.ts";

/** Entries that are numbers, or the words for what JSON cannot hold. */
export function numbersOf(values: Readonly<Record<string, unknown>>): [string, number][] {
  return Object.entries(values).flatMap(([name, value]): [string, number][] => {
    const number = numberFromJson(value);
    return number === undefined ? [] : [[name, number]];
  });
}
