import { appendFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { AnswerStore } from "../../../experiments/nanoRouter/answerStore.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const answer = {
  ...{ said: "Oslo.\n{}", promptTokens: 3, completionTokens: 2, meanLogProbability: -0.5 },
  isCut: false,
};

describe("AnswerStore", () => {
  const folder = temporaryFolder();

  it("knows answers again, but for one that was not written whole", () => {
    const file = folder.path("answers.jsonl");
    const first = new AnswerStore(file);
    first.add("a", answer);
    first.add("b", { ...answer, said: "Rome." });
    appendFileSync(file, '\n{"key":"c","said":"{}');
    const second = new AnswerStore(file);
    expect(second.get("a")).to.deep.equal(answer);
    expect(second.get("b")!.said).to.equal("Rome.");
    expect(second.get("c")).to.equal(undefined);
    second.add("c", answer);
    expect(new AnswerStore(file).get("c")).to.deep.equal(answer);
  });

  it("loses no answer after a first one that was not written whole", () => {
    const file = folder.path("answers.jsonl");
    folder.write({ "answers.jsonl": '{"key":"a","said":"{}' });
    new AnswerStore(file).add("b", answer);
    expect(new AnswerStore(file).get("b")).to.deep.equal(answer);
  });
});
