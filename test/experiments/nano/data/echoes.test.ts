import { expect } from "chai";
import { describe, it } from "mocha";

import { echoes } from "../../../../experiments/nano/data/echoes.ts";
import { inWords } from "../../../../experiments/nano/tools/tool.ts";

const words = ["lamp", "river", "stone", "guide", "apple"];

describe("echoes()", () => {
  const some = echoes({ seed: 0, count: 400, words });

  it("gives the same for the same seed, whatever the count", () => {
    expect(echoes({ seed: 0, count: 5, words })).to.deep.equal(some.slice(0, 5));
    expect(echoes({ seed: 1, count: 5, words })).to.not.deep.equal(some.slice(0, 5));
  });

  it("holds every word, number and code of an answer in its question", () => {
    for (const { question, answer } of some) {
      const asked = question.match(/#?[\p{L}\d-]+/gu) ?? [];
      const said = answer.match(/#?[\p{L}\d-]+/gu) ?? [];
      expect(said.length, answer).to.be.above(0);
      expect(asked, question).to.include.members(said);
    }
  });

  it("asks for JSON that has the values by their names, or in their order", () => {
    const json = some.filter(({ question }) => question.endsWith("as JSON."));
    const kinds = new Set(json.map(({ answer }) => Array.isArray(JSON.parse(answer))));
    expect(kinds.size).to.equal(2);
    for (const { question, answer } of json) {
      const made: (string | number)[] | Record<string, string | number> = JSON.parse(answer);
      const named = Object.entries(made).map(([name, value]) => `${name} ${value}`);
      expect(question).to.equal(`Write ${inWords(Array.isArray(made) ? made : named)} as JSON.`);
    }
  });
});
