import type { RandomStream } from "seedbed";

import { type ColourName, colours } from "./colours.ts";
import { classNouns } from "./emoji/classNouns.ts";
import { readConcepts } from "./emoji/concepts.ts";
import type { Drawing } from "./emoji/emojiData.ts";
import { styles } from "./emoji/styles.ts";

/** What of a rendered picture a caption may name. */
export interface PictureAttributes {
  readonly background: ColourName;
  /** Drawn clearly smaller than most. */
  readonly small: boolean;
  /** Turned so far that it shows. */
  readonly tilted: boolean;
  readonly flipped: boolean;
}

/** What captions are made from. */
export type CaptionSubject = Pick<Drawing, "name" | "noun" | "style">;

/** Rare tokens without a meaning, for DreamBooth's subjects. */
export const reservedTokens = ["sks", "zwx", "ohwx", "olis", "mfx", "qvk", "vbn", "ptk"] as const;

const nounProbability = 0.3;
const adjectiveProbability = 0.5;
const dropProbability = 0.1;

/**
 * A caption drawn at random: `a cat`, `a 3d cat`, `a cat on a blue background`, `a 3d cat on a blue
 * background` are equally likely; `small` or `tilted` follows the article in half of the pictures
 * that are; the name gives way to its class noun in three of ten; one in ten captions is empty,
 * for classifier-free guidance.
 *
 * The article is always "a", before vowels too: a word-level tokenizer would otherwise learn the
 * first letter of the next word. Prompts should follow suit ("a apple").
 */
export function drawCaption(
  subject: CaptionSubject,
  attributes: PictureAttributes,
  random: RandomStream,
): string {
  const dropped = random.uniform() < dropProbability;
  const nameIt = random.uniform() >= nounProbability || subject.noun === undefined;
  const withStyle = random.uniform() < 0.5;
  const withColour = random.uniform() < 0.5;
  const withAdjective = random.uniform() < adjectiveProbability;
  if (dropped) return "";
  return phrase([
    withAdjective ? adjective(attributes) : undefined,
    withStyle ? subject.style : undefined,
    nameIt ? subject.name : subject.noun,
    withColour ? onBackground(attributes.background) : undefined,
  ]);
}

/** The caption that says all: style, name and background. Used for validation. */
export function fullCaption(
  { style, name }: CaptionSubject,
  { background }: Pick<PictureAttributes, "background">,
): string {
  return phrase([style, name, onBackground(background)]);
}

function phrase(parts: readonly (string | undefined)[]): string {
  return ["a", ...parts.filter((part) => part !== undefined)].join(" ");
}

function adjective({ small, tilted }: PictureAttributes): string | undefined {
  if (small) return "small";
  return tilted ? "tilted" : undefined;
}

function onBackground(colour: ColourName): string {
  return `on a ${colour} background`;
}

/**
 * Every word that a caption may hold, sorted: words of all names (of the full preset, so that the
 * vocabulary is the same for all), class nouns, styles, colours, and the templates' own.
 */
export function captionWords(): string[] {
  const texts = [
    "a small tilted on background",
    ...Object.keys(colours),
    ...styles.map((style) => style.word),
    ...classNouns(),
    ...readConcepts("full").map((concept) => concept.name),
  ];
  return [...new Set(texts.flatMap((text) => text.split(" ")))].toSorted();
}
