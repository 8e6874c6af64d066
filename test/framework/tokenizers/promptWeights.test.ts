import { expect } from "chai";
import { describe, it } from "mocha";

import { readPromptWeights } from "../../../framework/tokenizers/promptWeights.ts";

/** The examples of stable-diffusion-webui's documentation, then our own. */
const cases: Readonly<Record<string, [string, number][][]>> = {
  "normal text": [[["normal text", 1]]],
  "an (important) word": [
    [
      ["an ", 1],
      ["important", 1.1],
      [" word", 1],
    ],
  ],
  "(unbalanced": [[["unbalanced", 1.1]]],
  "\\(literal\\]": [[["(literal]", 1]]],
  "(unnecessary)(parens)": [[["unnecessaryparens", 1.1]]],
  "a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).": [
    [
      ["a ", 1],
      ["house", 1.573],
      [" ", 1.1],
      ["on", 1],
      [" a ", 1.1],
      ["hill", 0.55],
      [", sun, ", 1.1],
      ["sky", 1.4641],
      [".", 1.1],
    ],
  ],
  "": [[]],
  "a) [b": [
    [
      ["a) ", 1],
      ["b", 1 / 1.1],
    ],
  ],
  "(a: -0.5 ) b:2)": [
    [
      ["a", -0.5],
      [" b:2)", 1],
    ],
  ],
  "(a:1.2.3)": [[["a:1.2.3)", 1.1]]],
  "back\\slash \\\\ 12:30": [[["backslash \\ 12:30", 1]]],
  "(one BREAK two) BREAK three": [[["one", 1.1]], [["two", 1.1]], [["three", 1]]],
};

describe("readPromptWeights()", () => {
  for (const [prompt, sections] of Object.entries(cases)) {
    it(`reads ${JSON.stringify(prompt)}`, () => {
      const read = readPromptWeights(prompt);
      expect(read.map((pieces) => pieces.map(({ text }) => text))).to.deep.equal(
        sections.map((pieces) => pieces.map(([text]) => text)),
      );
      for (const [i, { weight }] of read.flat().entries()) {
        expect(weight).to.be.closeTo(sections.flat()[i]![1], 1e-12);
      }
    });
  }
});
