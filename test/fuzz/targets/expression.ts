import { parseExpression } from "../../../framework/spec/expression.ts";
import { inputText, textInput, type FuzzTarget } from "../fuzzTarget.ts";

/** Conditions over a sweep's parameters. */
export const target: FuzzTarget = {
  name: "expression",
  covers: ["framework/spec/expression"],
  seeds: [
    'optimizer.name == "adamW" and model.features % 8 == 0',
    "not (a + 1 <= -b * 2.5e3) or `c d` in [1, 'x', null, true]",
  ].map(textInput),
  words: [" and ", " or ", "not ", " in ", "==", "!=", "(", ")", "`", '"'],
  run: (input) => parseExpression(inputText(input)).evaluate((name) => (name === "a" ? 1 : "x")),
};
