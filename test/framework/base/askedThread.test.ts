import { expect } from "chai";
import { afterEach, describe, it } from "mocha";

import { AskedThread } from "../../../framework/base/askedThread.ts";
import { errorOf } from "../../support/compiled.ts";

interface Said {
  readonly word: string;
  readonly workerData: unknown;
  readonly threadId: number;
}

describe("AskedThread", () => {
  const opened: AskedThread<string, Said>[] = [];
  afterEach(async () => {
    for (const thread of opened.splice(0)) await thread.close();
  });
  function open(timeoutSeconds?: number): AskedThread<string, Said> {
    const thread = new AskedThread<string, Said>("../test/support/answeringThread", {
      workerData: { own: 1 },
      ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    });
    opened.push(thread);
    return thread;
  }

  it("answers in the order in which it is asked, with its own data, as one thread", async () => {
    const thread = open();
    const said = await Promise.all(["a", "b", "c"].map((word) => thread.ask(word)));
    expect(said.map((each) => each?.word)).to.deep.equal(["a", "b", "c"]);
    expect(said[0]?.workerData).to.deep.equal({ own: 1 });
    expect(new Set(said.map((each) => each?.threadId)).size).to.equal(1);
  });

  it("tells what it died of, and begins again for the next", async () => {
    const thread = open();
    const [error, said] = await Promise.all([errorOf(thread.ask("die")), thread.ask("a")]);
    expect(error.message).to.equal("it died");
    expect(said?.word).to.equal("a");
  });

  it("gives nothing where an answer takes too long", async () => {
    expect(await open(0.01).ask("be silent")).to.equal(undefined);
  });

  it("leaves out what nobody waits for any more when its turn comes", async () => {
    const thread = open();
    const left = new AbortController();
    const first = thread.ask("a");
    const second = errorOf(thread.ask("die", left.signal));
    left.abort();
    expect((await first)?.word).to.equal("a");
    expect((await second).name).to.equal("AbortError");
    expect((await thread.ask("b"))?.threadId).to.equal((await first)?.threadId);
  });

  it("answers what it was asked before it is closed, and refuses what comes then", async () => {
    const thread = open();
    const first = thread.ask("a");
    const next = errorOf(first.then(() => thread.ask("b")));
    const closed = thread.close();
    expect((await first)?.word).to.equal("a");
    expect((await next).message).to.equal("Cannot ask a thread: it is closed");
    await closed;
  });
});
