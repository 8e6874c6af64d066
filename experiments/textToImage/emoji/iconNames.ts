import type { Concept } from "./concepts.ts";
import type { StyleWord } from "./styles.ts";

/**
 * Icons whose name in their set is not the concept's Unicode name, by code point. Found by looking
 * at the drawings: FxEmojis calls the cat's head `cat` and the whole animal `catside`.
 */
const otherNames: Partial<Record<StyleWord, Readonly<Record<string, string>>>> = {
  emojione: {
    "1f63a": "grinning-cat-face",
    "1f638": "grinning-cat-face-with-smiling-eyes",
    "1f639": "cat-face-with-tears-of-joy",
    "1f63b": "smiling-cat-face-with-heart-eyes",
    "1f63c": "cat-face-with-wry-smile",
    "1f63d": "kissing-cat-face",
    "1f640": "weary-cat-face",
    "1f63f": "crying-cat-face",
    "1f63e": "pouting-cat-face",
  },
  fx: {
    "1f408": "catside",
    "1f431": "cat",
    "1f415": "dogside",
    "1f436": "dog",
    "1f401": "mouseside",
    "1f42d": "mouse",
    "1f416": "pigside",
    "1f437": "pig",
    "1f43d": "pigsnout",
    "1f405": "tigerside",
    "1f42f": "tiger",
    "1f406": "leopardside",
    "1f43a": "wolfface",
    "1f98a": "foxsmiling",
    "1f407": "bunnyside",
    "1f430": "bunny",
    "1f43c": "pandaface",
    "1f439": "hampster",
    "1f432": "dragonhead",
    "1f409": "dragonside",
    "1f433": "spurtingwhale",
    "1f648": "monkeysee",
    "1f649": "monkeyhear",
    "1f64a": "monkeyspeak",
    "1f425": "frontfacingchick",
    "1f54a": "doveofpeace",
    "1f411": "sheep",
    "1f42a": "dromedarycamel",
    "1f42b": "bactriancamel",
    "1f330": "acorn",
    "1f346": "aubergine",
    "1f33d": "earofmaize",
    "1f336": "chilipepper",
    "1f682": "steamlocomotive",
    "1f685": "highspeedtrainbulletnose",
    "1f3ce": "racecar",
    "1f699": "recreationalvehicle",
    "231b": "hourglass",
    "23f3": "hourglassflowingsand",
    "1f570": "manltepiececlock",
    "1f6a8": "policecarsrevolvinglight",
  },
};

/**
 * Icons that have the right name and the wrong drawing (the game of cricket, a piano for a
 * keyboard), or one that cannot be made out.
 */
const wrongNames: Partial<Record<StyleWord, readonly string[]>> = {
  emojione: ["cricket"],
  blob: ["cricket"],
  fx: [
    "construction",
    "desktopcomputer",
    "fog",
    "keyboard",
    "kiss",
    "leftspeechbubble",
    "station",
    "sunglasses",
    "trackball",
    "tramcar",
    "window",
  ],
};

/**
 * Names under which a set may hold a concept, best first: the set's own name for the code point,
 * the curated one, the Unicode name with hyphens, and without.
 *
 * @param byCodepoint the set's own table, empty where it has none
 */
export function iconNames(
  { codepoint, title }: Concept,
  style: StyleWord,
  byCodepoint: ReadonlyMap<string, string>,
): string[] {
  const own = byCodepoint.get(codepoint);
  const curated = otherNames[style]?.[codepoint];
  if (own !== undefined) return [own];
  if (curated !== undefined) return [curated];
  const hyphened = slug(title);
  return [hyphened, hyphened.replaceAll("-", "")].filter(
    (name) => !wrongNames[style]?.includes(name),
  );
}

function slug(title: string): string {
  return title
    .toLowerCase()
    .normalize("NFD")
    .replaceAll(/[\u0300-\u036f’“”.:,!()]/g, "")
    .replaceAll("&", "and")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}
