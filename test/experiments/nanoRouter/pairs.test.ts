import { expect } from "chai";
import { describe, it } from "mocha";

import { taskScores, tasksOf } from "../../../experiments/nano/evaluation/taskScores.ts";
import type { StoredAnswer } from "../../../experiments/nanoRouter/answerStore.ts";
import { answeredPair } from "../../../experiments/nanoRouter/pairs.ts";
import { groupScore } from "../../../experiments/nanoRouter/routed.ts";
import { evaluation, turns } from "../nano/evaluation/recitedTasks.ts";
import { reciter } from "../nano/evaluation/reciter.ts";
import { tokenizer } from "../nano/letterTokenizer.ts";

const answer = (said: string): StoredAnswer => ({
  ...{ said, isCut: false, meanLogProbability: 0, promptTokens: 10, completionTokens: 5 },
});

/** The weak model says what the reciter does, the strong one nothing. */
const pairs = tasksOf({ tokenizer, evaluation }).map((task) => {
  const asked = tokenizer.decode([...task.prompt.ids], { keepSpecialTokens: true });
  return answeredPair(task, answer(turns.get(asked)!), answer(""));
});

describe("answeredPair()", () => {
  it("has scores whose mean over groups is nano's task score", async () => {
    const engine = reciter(tokenizer, turns);
    const { score, counts } = await taskScores({ engine, tokenizer, evaluation });
    expect(counts["tools.noCall"]).to.equal(4);
    expect(groupScore(pairs, ({ weak }) => weak.score)).to.equal(score);
    expect(groupScore(pairs, ({ strong }) => strong.score)).to.equal(0);
  });

  it("keeps apart what no function fits", () => {
    const own = pairs.filter(({ group }) => group === "tools.noCall");
    expect(own.map(({ weak }) => weak.score)).to.deep.equal([1, 1, 0, 0]);
  });
});
