import { expect } from "chai";
import { describe, it } from "mocha";

import type { AnswerEnd, Asker } from "../../../../framework/serve/asker.ts";
import { summarize } from "../../../../framework/serve/conversation/summarize.ts";
import { errorOf } from "../../../support/compiled.ts";
import { languageServers } from "../../../support/languageServer.ts";

const group = (content: string) => [
  { role: "user", content },
  { role: "assistant", content: "Yes." },
];

describe("summarize()", () => {
  const { service } = languageServers();

  /** Who is told what each summary took. */
  function asker(atBegin: (count: number) => void = () => {}) {
    const left = new AbortController();
    const ends: AnswerEnd[] = [];
    let begun = 0;
    const own: Asker = {
      ...{ signal: left.signal, owner: "ada" },
      begin: () => {
        atBegin(++begun);
        return { token: () => {}, end: (usage) => void ends.push({ ...usage }) };
      },
    };
    return { own, ends, leave: () => left.abort() };
  }
  const summaryOf = (texts: readonly string[], own: Asker) =>
    summarize(texts.map(group), { service: service(), asker: own, mostTokens: 4 });

  it("makes one summary after the other, and tells what they took", async () => {
    const { own, ends } = asker();
    const { promptTokens, completionTokens } = await summaryOf(["a", "b", "c"], own);
    expect(ends).to.have.length(3);
    const sum = (key: keyof AnswerEnd): number => ends.reduce((all, each) => all + each[key], 0);
    expect(promptTokens).to.equal(sum("promptTokens")).and.above(0);
    expect(completionTokens).to.equal(sum("completionTokens"));
  });

  it("begins no more of them when the client has left", async () => {
    const { own, ends, leave } = asker((count) => {
      if (count === 2) leave();
    });
    const error = await errorOf(summaryOf(["d", "e", "f", "g"], own));
    expect(error.name).to.equal("AbortError");
    expect(ends).to.have.length(2);
  });

  it("is refused with 429 where too many texts wait, and takes nothing then", async () => {
    const left = new AbortController();
    const text = { prompt: { tokens: [5] }, maxNewTokens: 200, signal: left.signal, owner: "ada" };
    const waiting = Array.from({ length: 2 + 64 }, () => service().scheduler.add(text));
    const { own, ends } = asker();
    const error = await errorOf(summaryOf(["h"], own));
    expect(error).to.include({ status: 429 });
    expect(error).to.have.nested.property("body.error.code", "rate_limit_exceeded");
    expect(ends).to.deep.equal([{ promptTokens: 0, cachedTokens: 0, completionTokens: 0 }]);
    left.abort();
    await Promise.all(waiting.map((each) => errorOf(ended(each))));
    await summaryOf(["h"], own);
    expect(ends[1]!.promptTokens, "it is made again").to.be.above(0);
  });
});

async function ended(tokens: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of tokens);
}
