import type { Concept } from "./concepts.ts";
import type { StyleWord } from "./styles.ts";

/**
 * Concepts whose Fluent drawings (3d and flat share their designs) the base model never sees:
 * what DreamBooth is to learn must be new to it. Other hands' drawings of them stay, so that the
 * class is known.
 */
const withheldCodepoints = new Set(
  (
    "1f431 1f427 23f0 " + // the subjects: cat face, penguin, alarm clock
    "1f438 1f98a 1f43c 1f419 1f422 1f40c 1f995 1f42e 1f43b 1f981 1f430 1f43a " + // more animals
    "1f697 1f6b2 1f680 1f34e 1f382 1f3b8 2615"
  ) // and things, kept for later evaluations
    .split(" "),
);

export function isWithheld({ codepoint, subgroup }: Concept, style: StyleWord): boolean {
  const fluent = style === "3d" || style === "flat";
  return fluent && (subgroup === "cat-face" || withheldCodepoints.has(codepoint));
}
