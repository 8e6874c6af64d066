import { expect } from "chai";
import { describe, it } from "mocha";

import { beamSearch, type ScoreBeams } from "../../../framework/decode/beamSearch.ts";
import { errorOf } from "../../support/compiled.ts";

/** Probabilities of the next of four tokens by the last one; 3 ends a text. */
const next: Readonly<Record<number, number[]>> = {
  0: [0, 0.6, 0.4, 0],
  1: [0.4, 0.3, 0.3, 0],
  2: [0, 0.05, 0, 0.95],
  3: [0.25, 0.25, 0.25, 0.25],
};

const score: ScoreBeams = (beams) =>
  beams.map((ids) => Float32Array.from(next[ids.at(-1)!]!, Math.log));

describe("beamSearch()", () => {
  it("finds the likelier text that begins with the less likely token", async () => {
    const options = { prompt: [0], maxNewTokens: 2, endIds: [3] };
    expect(await beamSearch(score, { ...options, beams: 1 })).to.deep.equal([0, 1, 0]);
    expect(await beamSearch(score, { ...options, beams: 2 })).to.deep.equal([0, 2, 3]);
  });

  it("refuses logits that are no numbers", async () => {
    const broken: ScoreBeams = (beams) => beams.map(() => Float32Array.of(0, Number.NaN, 1, 0));
    const { message } = await errorOf(
      beamSearch(broken, { prompt: [0], beams: 2, maxNewTokens: 3 }),
    );
    expect(message).to.match(/expected finite logits, got NaN for token 1/);
  });

  it("tells which beam each goes on from", async () => {
    const seen: { last: number[]; parents: readonly number[] }[] = [];
    const watched: ScoreBeams = (beams, parents) => {
      seen.push({ last: beams.map((ids) => ids.at(-1)!), parents });
      return score(beams, parents);
    };
    await beamSearch(watched, { prompt: [0], beams: 2, maxNewTokens: 3 });
    // 0 2 3 has probability 0.38 and 0 1 0 has 0.24, from the second beam and the first.
    expect(seen.slice(0, 2)).to.deep.equal([
      { last: [0], parents: [0] },
      { last: [1, 2], parents: [0, 0] },
    ]);
    expect(seen[2]).to.deep.equal({ last: [3, 0], parents: [1, 0] });
  });

  it("prefers longer texts by a larger penalty of length", async () => {
    const options = { prompt: [0], beams: 2, maxNewTokens: 4, endIds: [3] };
    expect(await beamSearch(score, { ...options, lengthPenalty: 0 })).to.deep.equal([0, 2, 3]);
    const longer = await beamSearch(score, { ...options, lengthPenalty: 4 });
    expect(longer).to.have.length.above(3);
  });

  it("writes nothing that is forbidden", async () => {
    const forbid = (logits: Float32Array): void => void (logits[2] = -Infinity);
    const options = { prompt: [0], beams: 2, maxNewTokens: 2, processors: [forbid] };
    expect(await beamSearch(score, options)).to.deep.equal([0, 1, 0]);
  });
});
