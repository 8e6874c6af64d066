import type { JsonObject } from "seedbed";

/** What tells a call from all others. */
export function callKey(name: string, given: JsonObject): string {
  return `${name}${JSON.stringify(given)}`;
}
