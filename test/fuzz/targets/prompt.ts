import { parseLora } from "../../../framework/adapters/parseLora.ts";
import { readPromptWeights } from "../../../framework/tokenizers/promptWeights.ts";
import { parseRunReference } from "../../../framework/tracking/runReference.ts";
import { inputText, textInput, type FuzzTarget } from "../fuzzTarget.ts";

/** Prompts with weights, and the small languages of the command line. */
export const target: FuzzTarget = {
  name: "prompt",
  covers: [
    "framework/tokenizers/promptWeights",
    "framework/adapters",
    "framework/tracking/runReference",
  ],
  seeds: [
    "a (dog:1.3) [in] ((snow)) BREAK \\(x\\)",
    "run:teacher/model",
    "style.safetensors:0.8",
  ].map(textInput),
  words: ["(", ")", "[", "]", ":1.1)", " BREAK ", "\\(", "run:"],
  run(input) {
    const text = inputText(input);
    return [readPromptWeights(text), parseRunReference(text), parseLora(text)];
  },
};
