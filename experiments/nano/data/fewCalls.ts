import { RandomStream } from "seedbed";

import type { Tool } from "../tools/tool.ts";
import { callKey } from "./callKey.ts";

/** Calls that are drawn to see how many different ones there are. */
const drawn = 1000;
const few = 50;

const known = new Map<string, boolean>();

/**
 * Whether a function can be called in so few ways that who is to call it knows them all, such as with
 * one of eight planets. To keep some of these for the test would teach that they do not occur.
 */
export function hasFewCalls(tool: Tool): boolean {
  const found = known.get(tool.name) ?? differentCalls(tool) < few;
  known.set(tool.name, found);
  return found;
}

function differentCalls(tool: Tool): number {
  const random = new RandomStream(0, `fewCalls/${tool.name}`);
  const keys = Array.from({ length: drawn }, () => callKey(tool.name, tool.draw(random).arguments));
  return new Set(keys).size;
}
