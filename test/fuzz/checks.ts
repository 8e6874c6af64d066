import { InputError, SpecError } from "../../framework/base/errors.ts";

/** What no parser may change. */
const guarded: readonly object[] = [
  ...[Object.prototype, Array.prototype, Function.prototype, String.prototype],
  ...[Map.prototype, Error.prototype, Uint8Array.prototype, Object],
];
const keysBefore = guarded.map((each) => Reflect.ownKeys(each).length);

/** Undefined, or what has got other keys; it loses them again. */
export function pollutedObject(): string | undefined {
  const at = guarded.findIndex((each, i) => Reflect.ownKeys(each).length !== keysBefore[i]);
  if (at < 0) return undefined;
  const keys = Reflect.ownKeys(guarded[at]!).slice(keysBefore[at]);
  for (const key of keys) Reflect.deleteProperty(guarded[at]!, key);
  const added = keys.map(String);
  return `${guarded[at]!.constructor.name}.prototype has got ${added.join(", ")}`;
}

const mostLooked = 2000;

/**
 * Looks for an object whose prototype is one that the input holds: `__proto__` was assigned.
 *
 * @returns where it is
 */
export function strangePrototype(root: unknown): string | undefined {
  const open: [value: unknown, place: string][] = [[root, ""]];
  const seen = new Set<object>();
  while (open.length > 0 && seen.size < mostLooked) {
    const [value, place] = open.pop()!;
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (isData(prototype)) return place === "" ? "the result" : place;
    if (ArrayBuffer.isView(value)) continue;
    const inner = value instanceof Map ? [...value] : Object.entries(value);
    for (const [key, item] of inner) open.push([item, `${place}/${String(key)}`]);
  }
  return undefined;
}

/** An object that is no class's prototype. */
function isData(prototype: unknown): boolean {
  return (
    typeof prototype === "object" &&
    prototype !== null &&
    !Object.hasOwn(prototype, "constructor") &&
    Object.getPrototypeOf(prototype) === Object.prototype &&
    Object.prototype.toString.call(prototype) === "[object Object]"
  );
}

/** What V8 says where a program errs, whatever class the error has. */
const slips =
  /Cannot (read|set) propert|is not (a function|iterable|defined|a constructor)|Cannot (destructure|convert|mix|access|assign|perform|redefine|add property|delete property)|undefined is not|Maximum call stack|Invalid (array|string|typed array|count|array buffer) |allocation failed|out of (memory|bounds)|Reduce of empty|Division by zero|ERR_|must be of type|Assertion|is out of range|Invalid time value/i;

/** Whether an error is one of ours: it says what cannot be done and why. */
export function isDocumented(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const own = error.message.replace(/: .*/s, "");
  if (slips.test(own)) return false;
  if (error instanceof InputError || error instanceof SpecError) return !isOwnSlip(error.cause);
  return /^(Cannot|Expected|expected) /.test(error.message) && !slips.test(error.message);
}

/** A slip that was caught and told on: it is one of ours if it was made in our own sources. */
function isOwnSlip(cause: unknown): boolean {
  if (!(cause instanceof TypeError || cause instanceof ReferenceError)) return false;
  const top = cause.stack?.split("\n").find((line) => /^\s+at /.test(line)) ?? "";
  return top.includes("/framework/") && slips.test(cause.message);
}

/** Tells failures of different causes apart: the error's kind, its words, and where it was thrown. */
export function signatureOf(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${String(error).slice(0, 80)}`;
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
  const own = frames.find((line) => line.includes("/framework/")) ?? frames[0] ?? "";
  const place = /([\w.@-]+\/[\w.-]+:\d+)/.exec(own)?.[1] ?? "";
  const [words] = error.message.split(/["',:;\d]/, 1);
  return `${error.name}: ${words} (${place})`;
}
