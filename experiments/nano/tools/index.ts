import { placeOf } from "../data/split.ts";
import { arithmetic } from "./arithmetic.ts";
import { colourTools } from "./colours.ts";
import { conversion } from "./conversion.ts";
import { countryTools } from "./countries.ts";
import { dates } from "./dates.ts";
import { geometry } from "./geometry.ts";
import { lists } from "./lists.ts";
import { numberTheory } from "./numberTheory.ts";
import { strings } from "./strings.ts";
import { tables } from "./tables.ts";
import type { Tool } from "./tool.ts";

/** All functions that dialogues call. */
export const tools: readonly Tool[] = [
  ...arithmetic,
  ...numberTheory,
  ...conversion,
  ...dates,
  ...strings,
  ...lists,
  ...countryTools,
  ...colourTools,
  ...geometry,
  ...tables,
];

/** Share of the functions that training never sees, not even beside others. */
const heldOutShare = 0.17;

/** Whether a function is kept for the test alone: a hash of its name says so. */
export function isHeldOut({ name }: Pick<Tool, "name">): boolean {
  return placeOf(`tool/${name}`) < heldOutShare;
}

export function findTool(name: string): Tool | undefined {
  return tools.find((each) => each.name === name);
}
