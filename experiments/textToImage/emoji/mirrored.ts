import type { Concept } from "./concepts.ts";

/** Groups where left and right differ in meaning, or that show writing. */
const fixedSubgroups = new Set(
  (
    "hand-fingers-open hand-fingers-partial hand-single-finger hand-fingers-closed hands hand-prop " +
    "person-gesture book-paper money mail writing time"
  ).split(" "),
);

/** Single concepts with writing or a direction in their name, by code point. */
const fixedCodepoints = new Set(
  (
    "1f68f 1f6d1 1f693 1f694 1f695 1f696 1f691 1f692 1f3e7 1f3ea 1f3e5 1f3e8 1f3e9 1f3e6 1f3eb " +
    "1f3e4 1f3e3 1f5fa 1f5fe 1f30d 1f30e 1f30f 1f4c5 1f4c6 1f5d3 1f4c8 1f4c9 1f4ca 1f50d 1f50e " +
    "1f312 1f313 1f314 1f316 1f317 1f318 1f319 1f31b 1f31c 1f4f0 1f5de 1f4bb 2328 1f9ee 1f4df 1f3b0 " +
    "1f004 1f0cf 1f3b4 1f947 1f948 1f949 1f6f0 1f9ed 1f55b 1f321 1f6e3"
  ).split(" "),
);

/** Whether a drawing may be flipped without becoming wrong. */
export function mayFlip({ codepoint, subgroup }: Concept): boolean {
  return (
    !fixedSubgroups.has(subgroup) &&
    !fixedCodepoints.has(codepoint) &&
    !/200d-27a1$/.test(codepoint) // people facing right
  );
}
