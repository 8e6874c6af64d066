import { expect } from "chai";
import { describe, it } from "mocha";

import { taskScores } from "../../../../experiments/nano/evaluation/taskScores.ts";
import { tokenizer } from "../letterTokenizer.ts";
import { evaluation, turns } from "./recitedTasks.ts";
import { reciter } from "./reciter.ts";

describe("taskScores()", () => {
  it("compares answers and calls, and means over groups", async () => {
    const engine = reciter(tokenizer, turns);
    const {
      groups,
      counts,
      calls: shares,
      score,
    } = await taskScores({
      ...{ engine, tokenizer, evaluation },
    });
    const overlap = 2 / 3; // "bird" of "grey bird"
    expect(groups).to.deep.equal({ words: overlap, countries: 0.5, tools: 0.5, toolsHeldOut: 0 });
    expect(counts).to.deep.equal({
      ...{ words: 1, countries: 2, tools: 2, toolsHeldOut: 1 },
      ...{ "tools.valid": 2, "tools.names": 2, "tools.noCall": 4 },
      ...{ "toolsHeldOut.valid": 1, "toolsHeldOut.names": 1 },
    });
    expect(score).to.be.closeTo((overlap + 1) / 4, 1e-12);
    expect(shares, "only a word and no call is right where no function fits").to.deep.equal({
      ...{ "tools.valid": 1, "tools.names": 1, "tools.noCall": 0.5 },
      ...{ "toolsHeldOut.valid": 1, "toolsHeldOut.names": 0 },
    });
  });

  it("asks for at most `limit` items of a group", async () => {
    const told: string[] = [];
    const { counts } = await taskScores({
      ...{ engine: reciter(tokenizer, turns), tokenizer, evaluation, limit: 1 },
      onProgress: (done, of) => told.push(`${done}/${of}`),
    });
    expect(counts).to.include({ words: 1, countries: 1, tools: 1, toolsHeldOut: 1 });
    expect(counts).to.include({ "tools.noCall": 1 });
    expect(told).to.deep.equal(["1/5", "2/5", "3/5", "4/5", "5/5"]);
  });
});
