import { expect } from "chai";
import { describe, it } from "mocha";

import {
  exactMatch,
  plainAnswer,
  wordOverlap,
} from "../../../../experiments/nano/scores/exactMatch.ts";
import { meanScores } from "../../../../experiments/nano/scores/meanScores.ts";
import { readCalls, scoreCalls } from "../../../../experiments/nano/scores/toolCalls.ts";

describe("exactMatch()", () => {
  const cases: readonly [expected: string, said: string, score: 0 | 1][] = [
    ["Paris.", "Paris", 1],
    ["Paris.", " paris!\n", 1],
    ["A red circle.", "red circle", 1],
    ["São Tomé.", "Sa\u0303o Tome\u0301", 1],
    ["Paris.", "Paris, France.", 0],
    ["12.", "1.2", 0],
    ["A.", "a", 1],
  ];
  for (const [expected, said, score] of cases) {
    it(`gives ${score} for ${JSON.stringify(said)} where ${JSON.stringify(expected)} is expected`, () => {
      expect(exactMatch(expected, said)).to.equal(score);
    });
  }

  it("compares plain answers", () => {
    expect(plainAnswer("  The  Hague. ")).to.equal("hague");
  });
});

describe("wordOverlap()", () => {
  it("is the harmonic mean of precision and recall of words", () => {
    expect(wordOverlap("A small brown bird.", "a bird")).to.be.closeTo(0.5, 1e-12);
    expect(wordOverlap("a bird", "bird bird")).to.be.closeTo(2 / 3, 1e-12);
    expect(wordOverlap("bird", "tree")).to.equal(0);
    expect(wordOverlap("bird", "")).to.equal(0);
  });
});

describe("scoreCalls()", () => {
  const expected = [{ name: "subtract", arguments: { a: 5, b: 3 } }];
  const said = (...contents: string[]): string =>
    contents.map((content) => `<tool_call>\n${content}\n</tool_call>`).join("\n");
  const score = (text: string) => scoreCalls(expected, text, ["subtract", "remainder"]);

  it("is 1 for the same call, whatever the spaces and the order of arguments", () => {
    const text = said('{"arguments": {"b": 3, "a": 5.0}, "name": "subtract"}');
    expect(score(text)).to.deep.equal({ valid: 1, names: 1, exact: 1 });
  });

  it("tells wrong arguments from wrong functions", () => {
    expect(score(said('{"name":"subtract","arguments":{"a":3,"b":5}}'))).to.deep.equal({
      ...{ valid: 1, names: 1, exact: 0 },
    });
    expect(
      score(said('{"name":"remainder","arguments":{"dividend":5,"divisor":3}}')),
    ).to.deep.equal({
      ...{ valid: 1, names: 0, exact: 0 },
    });
  });

  it("finds calls invalid that are no JSON, break the schema, or name no function on offer", () => {
    expect(score("<tool_call>{").valid).to.equal(0);
    expect(score(said('{"name":"subtract","arguments":{"a":5,"b":"3"}}')).valid).to.equal(0);
    expect(score(said('{"name":"subtract","arguments":{"a":5,"b":3,"c":1}}')).valid).to.equal(0);
    expect(score(said('{"name":"add","arguments":{"a":5,"b":3}}')).valid).to.equal(0);
    expect(score(said('["subtract",{"a":5,"b":3}]')).valid).to.equal(0);
  });

  it("wants as many calls as expected, in any order", () => {
    const one = '{"name":"subtract","arguments":{"a":5,"b":3}}';
    expect(score(said(one, one))).to.deep.equal({ valid: 1, names: 0, exact: 0 });
    expect(score("The result is 2.")).to.deep.equal({ valid: 1, names: 0, exact: 0 });
    expect(scoreCalls([], "Hello!", [])).to.deep.equal({ valid: 1, names: 1, exact: 1 });
    const two = [...expected, { name: "remainder", arguments: { dividend: 1, divisor: 2 } }];
    const text = said('{"name":"remainder","arguments":{"dividend":1,"divisor":2}}', one);
    expect(scoreCalls(two, text, ["subtract", "remainder"]).exact).to.equal(1);
  });

  it("reads calls beside text", () => {
    expect(readCalls(`Let me see. ${said('{"name":"x","arguments":{}}')}`).calls).to.deep.equal([
      { name: "x", arguments: {} },
    ]);
  });
});

describe("meanScores()", () => {
  it("averages each group", () => {
    const scored = [1, 0, 0, 1, 1].map((score, i) => ({ group: i < 3 ? "a" : "b", score }));
    const means = meanScores(scored);
    expect(means.get("a")!.mean).to.be.closeTo(1 / 3, 1e-12);
    expect(means.get("b")).to.deep.equal({ mean: 1, count: 2 });
  });
});
