import { isJsonObject, type JsonObject } from "seedbed";

import { schemaErrors } from "../data/checkedCall.ts";
import { findTool } from "../tools/index.ts";

export interface Call {
  readonly name: string;
  readonly arguments: JsonObject;
}

/** What a model said, as far as it is calls. */
export interface ReadCalls {
  readonly calls: readonly Call[];
  /** What is wrong with those that are none. */
  readonly errors: readonly string[];
}

const callPattern = /<tool_call>([^]*?)(?:<\/tool_call>|$)/g;

/** Reads the calls in an assistant's turn. */
export function readCalls(said: string): ReadCalls {
  const calls: Call[] = [];
  const errors: string[] = [];
  for (const [, content = ""] of said.matchAll(callPattern)) {
    const call = readCall(content);
    if (typeof call === "string") errors.push(call);
    else calls.push(call);
  }
  return { calls, errors };
}

function readCall(content: string): Call | string {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return `no JSON: ${content.trim()}`;
  }
  if (
    !isJsonObject(value) ||
    typeof value["name"] !== "string" ||
    !isJsonObject(value["arguments"])
  ) {
    return `no call: ${content.trim()}`;
  }
  return { name: value["name"], arguments: value["arguments"] };
}

export interface CallScore {
  /** 1 where every call is JSON, names a function and fits its schema. */
  readonly valid: 0 | 1;
  /** 1 where the expected functions are called, each as often as expected. */
  readonly names: 0 | 1;
  /** 1 where the calls are the expected ones, in any order, with the same arguments. */
  readonly exact: 0 | 1;
}

/**
 * Compares what a model said with the calls that it should make; none are expected where no function
 * fits.
 *
 * @param offered names of the functions that the model was given
 */
export function scoreCalls(
  expected: readonly Call[],
  said: string,
  offered: readonly string[],
): CallScore {
  const { calls, errors } = readCalls(said);
  const isValid = errors.length === 0 && calls.every((call) => fits(call, offered));
  const names = same(expected, calls, ({ name }) => name);
  const exact = isValid && same(expected, calls, canonical);
  return { valid: isValid ? 1 : 0, names: names ? 1 : 0, exact: exact ? 1 : 0 };
}

function fits(call: Call, offered: readonly string[]): boolean {
  const tool = offered.includes(call.name) ? findTool(call.name) : undefined;
  return tool !== undefined && schemaErrors(tool, call.arguments) === undefined;
}

function same(a: readonly Call[], b: readonly Call[], keyOf: (call: Call) => string): boolean {
  return JSON.stringify(a.map(keyOf).toSorted()) === JSON.stringify(b.map(keyOf).toSorted());
}

/** The same text for the same call, whatever the order of its arguments. */
function canonical({ name, arguments: given }: Call): string {
  const entries = Object.entries(given).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([name, entries]);
}
