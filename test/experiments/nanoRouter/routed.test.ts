import { expect } from "chai";
import { describe, it } from "mocha";

import type { TaskGroup } from "../../../experiments/nano/evaluation/taskScores.ts";
import type { AnsweredPair } from "../../../experiments/nanoRouter/pairs.ts";
import {
  averageGapRecovered,
  curveOf,
  dollars,
  endsOf,
  groupScore,
  outcomeAt,
  type CostUnit,
} from "../../../experiments/nanoRouter/routed.ts";

/** A pair of which the weak answer has a score, and how much the strong model seems to be needed. */
function pair(
  group: TaskGroup,
  weakScore: number,
  strongScore: number,
  need: number,
): AnsweredPair & { readonly need: number } {
  const answer = {
    ...{ said: "", meanLogProbability: 0, isCut: false, promptTokens: 10, completionTokens: 5 },
  };
  return {
    group,
    task: { group, messages: [], tools: [], prompt: { ids: [], length: 1 }, scores: () => [] },
    request: { request: { messages: [] }, promptTokens: 10 },
    weak: { ...answer, score: weakScore },
    strong: { ...answer, score: strongScore },
    need,
  };
}

const pairs = [
  pair("kinds", 0, 1, 0.9),
  pair("kinds", 1, 1, 0.2),
  pair("rules", 1, 0, 0.1),
  pair("rules", 0, 0, 0.3),
];
const unit: CostUnit = { name: "dollars", weak: () => 1, strong: () => 5 };
const needs = new Map<AnsweredPair, number>(pairs.map((each) => [each, each.need]));
const byNeed = { name: "need", isCascade: false, score: (each: AnsweredPair) => needs.get(each)! };

describe("outcomeAt()", () => {
  it("has the strong model answer, and cost, from the threshold on", () => {
    expect(outcomeAt(pairs, byNeed, 0.9, unit)).to.deep.equal({
      ...{ threshold: 0.9, share: 0.25, score: 0.75, cost: 5 + 1 + 1 + 1 },
    });
    expect(outcomeAt(pairs, byNeed, Infinity, unit)).to.include({ share: 0, score: 0.5, cost: 4 });
  });

  it("pays for both answers of a cascade that goes on", () => {
    const cascade = { ...byNeed, isCascade: true };
    expect(outcomeAt(pairs, cascade, 0.9, unit).cost).to.equal(6 + 1 + 1 + 1);
  });
});

describe("groupScore()", () => {
  it("counts groups alike, however many tasks they have", () => {
    const more = [...pairs, pair("kinds", 1, 1, 0), pair("kinds", 1, 1, 0)];
    expect(groupScore(more, ({ weak }) => weak.score)).to.equal((3 / 4 + 1 / 2) / 2);
  });
});

describe("averageGapRecovered()", () => {
  const easy = [
    pair("kinds", 0, 1, 0.9),
    pair("kinds", 0, 1, 0.8),
    pair("kinds", 1, 1, 0.2),
    pair("kinds", 1, 1, 0.1),
  ];
  const known = new Map<AnsweredPair, number>(easy.map((each) => [each, each.need]));
  const ends = endsOf(easy, unit);

  it("is the area under what is recovered: 3/4 for one that knows the half that matters", () => {
    const router = { ...byNeed, score: (each: AnsweredPair) => known.get(each)! };
    expect(averageGapRecovered(curveOf(easy, router, unit), ends)).to.be.closeTo(0.75, 1e-12);
  });

  it("is a half for one that knows nothing", () => {
    const blind = { ...byNeed, score: () => 0.5 };
    expect(averageGapRecovered(curveOf(easy, blind, unit), ends)).to.equal(0.5);
  });

  it("is not there where the strong model is no better", () => {
    const alike = [pair("kinds", 1, 1, 0.5)];
    const curve = curveOf(alike, { ...byNeed, score: () => 0.5 }, unit);
    expect(averageGapRecovered(curve, endsOf(alike, unit))).to.equal(undefined);
  });
});

describe("dollars()", () => {
  it("prices the tokens that each model's answer took", () => {
    const price = { prompt: 100_000n, cachedPrompt: 25_000n, completion: 400_000n };
    const cost = dollars(price, { ...price, completion: 4_000_000n });
    expect(cost.weak(pairs[0]!)).to.be.closeTo(10 * 1e-7 + 5 * 4e-7, 1e-18);
    expect(cost.strong(pairs[0]!)).to.be.closeTo(10 * 1e-7 + 5 * 4e-6, 1e-18);
  });
});
