import { readFileSync } from "node:fs";
import path from "node:path";

import { splitWords } from "seedbed";

import { findPackage, readJson, record } from "./packages.ts";

/** What one or more drawings show: an emoji without skin tone, whatever its style. */
export interface Concept {
  /** Hexadecimal code points joined by `-`, without the variation selector fe0f, e.g. `1f431`. */
  readonly codepoint: string;
  /** The Unicode name in lower case, letters and digits alone: `two hump camel`. */
  readonly name: string;
  /** The Unicode name as published: `two-hump camel`. */
  readonly title: string;
  /** Unicode's subgroup, such as `animal-mammal`. */
  readonly subgroup: string;
}

/** Which concepts: animals, fruit, vegetables, vehicles and clocks, or all. */
export type Preset = "core" | "full";

const coreSubgroups =
  /^(animal-.*|cat-face|monkey-face|food-fruit|food-vegetable|transport-.*|time)$/;

/** Signs rather than pictures; flags cannot be told apart at this size. */
const leftOutGroups = ["Flags", "Symbols"];

/** Twelve hours and half hours: 24 clock faces would outnumber every other clock. */
const clockHour = /\b(o’clock|thirty)$/;

/** Sequences of people that repeat another emoji for a man, a woman, or a profession. */
const gendered = /\b(mer)?(man|woman|men|women|maid)\b/;

/**
 * Concepts of a preset, in Unicode's order. Left out: flags, symbols, skin tones, clock faces by
 * the hour, and people made of several code points that differ by gender or profession only.
 */
export function readConcepts(preset: Preset): Concept[] {
  const subgroups = readSubgroups();
  const file = path.join(findPackage("unicode-emoji-json").folder, "data-by-emoji.json");
  const concepts: Concept[] = [];
  for (const [emoji, entry] of Object.entries(readJson(file))) {
    const { name, group } = record(entry);
    const title = String(name);
    const codepoint = codepointOf(emoji);
    const subgroup = subgroups.get(codepoint) ?? "";
    if (leftOutGroups.includes(String(group)) || clockHour.test(title)) continue;
    if (group === "People & Body" && repeatsPerson(codepoint, title, subgroup)) continue;
    if (preset === "core" && !coreSubgroups.test(subgroup)) continue;
    concepts.push({ codepoint, name: plainWords(title), title, subgroup });
  }
  return concepts;
}

function repeatsPerson(codepoint: string, title: string, subgroup: string): boolean {
  return codepoint.includes("200d") && (gendered.test(title) || subgroup === "person-role");
}

/** Letters and digits of a text in lower case, other signs dropped: what captions are made of. */
export function plainWords(text: string): string {
  return splitWords(text.replaceAll("’", ""))
    .filter((word) => /[\p{L}\p{N}]/u.test(word))
    .join(" ");
}

function codepointOf(emoji: string): string {
  return withoutSelector(Array.from(emoji, (letter) => letter.codePointAt(0)!.toString(16)));
}

/** Joins code points, leaving out the selector that some sets write and others do not. */
export function withoutSelector(codepoints: readonly string[]): string {
  return codepoints.filter((codepoint) => codepoint !== "fe0f").join("-");
}

function readSubgroups(): Map<string, string> {
  const { folder } = findPackage("emojibase-data");
  const names = record(readJson(path.join(folder, "meta/groups.json"))["subgroups"]);
  const data: unknown = JSON.parse(readFileSync(path.join(folder, "en/data.json"), "utf8"));
  const subgroups = new Map<string, string>();
  for (const entry of Array.isArray(data) ? data : []) {
    const { hexcode, subgroup } = record(entry);
    const codepoint = withoutSelector(String(hexcode).toLowerCase().split("-"));
    subgroups.set(codepoint, String(names[String(subgroup)]));
  }
  return subgroups;
}
