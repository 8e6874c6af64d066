import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { loadChatTemplate } from "../../../framework/tokenizers/chatTemplate.ts";
import { loadTokenizer } from "../../../framework/tokenizers/loadTokenizer.ts";
import { promptOfLength } from "./promptOfLength.ts";

describe("promptOfLength()", () => {
  const folder = path.resolve(import.meta.dirname, "../../../models/nano");
  const tokenizer = loadTokenizer(folder);
  const template = loadChatTemplate(folder)!;
  const tokensOf = (content: string): number[] =>
    tokenizer.textIds(template.render([{ role: "user", content }]));

  for (const length of [16, 64, 128]) {
    it(`is exact: ${length} tokens`, () => {
      for (const number of [1000, 1001, 1007]) {
        const text = promptOfLength({ tokenizer, template }, length, number);
        expect(tokensOf(text)).to.have.length(length);
      }
    });
  }

  it("begins differently for each number", () => {
    const head = tokensOf("").findIndex((token, i) => token !== tokensOf("x")[i]);
    const starts = [1000, 1001].map((number) =>
      tokensOf(promptOfLength({ tokenizer, template }, 64, number)).slice(head, head + 8),
    );
    expect(starts[0]).to.not.deep.equal(starts[1]);
  });

  it("says when there is none", () => {
    expect(() => promptOfLength({ tokenizer, template }, 3, 1000)).to.throw(RangeError, "3 tokens");
  });
});
