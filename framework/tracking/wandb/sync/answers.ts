import { isRecord } from "../../parameters.ts";

/** The object at a path of keys in a server's answer; undefined when there is none. */
export function inside(value: unknown, ...keys: string[]): Record<string, unknown> | undefined {
  let inner = value;
  for (const key of keys) inner = isRecord(inner) ? inner[key] : undefined;
  return isRecord(inner) ? inner : undefined;
}

/** Empty when it is no list. */
export function listIn(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textsIn(value: unknown): string[] {
  return listIn(value).filter((each) => typeof each === "string");
}
