import { Constraint } from "../../../framework/constrained/constraint.ts";
import { patternOf } from "../../../framework/constrained/texts.ts";
import { constrainedVocabulary } from "../../../framework/constrained/vocabulary.ts";
import { inputText, textInput, type FuzzTarget } from "../fuzzTarget.ts";

const vocabulary = constrainedVocabulary(
  Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
);

/** Patterns that answers have to fit. */
export const target: FuzzTarget = {
  name: "pattern",
  covers: ["framework/constrained/"],
  mostBytes: 2048,
  mostSeconds: 5,
  seeds: [
    String.raw`^(?:a|b){2,5}[^\d\s]+\.$`,
    String.raw`\p{Lu}\w*(é|日本)?`,
    "x{3}[a-f0-9]*y+?",
  ].map(textInput),
  words: ["(?:", "(?<n>", "{1,9}", "[^", "\\p{L}", "\\d", ".*", "|", "$", "^"],
  run: (input) => new Constraint(vocabulary, patternOf(inputText(input))).begin().allowed(50).count,
};
