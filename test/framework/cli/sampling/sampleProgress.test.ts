import { expect } from "chai";
import { describe, it } from "mocha";

import { sampleProgress } from "../../../../framework/cli/sampling/sampleProgress.ts";

describe("sampleProgress()", () => {
  /** What is shown after steps of 10 s, the first of which takes a minute. */
  function shown(isTTY: boolean, TERM: string): string[] {
    const texts: string[] = [];
    const output = { isTTY, columns: 80, write: (text: string) => texts.push(text) };
    let now = 0;
    const progress = sampleProgress({
      output,
      pictures: 2,
      nowMs: () => now,
      environment: { TERM },
    });
    progress.say("reading sd");
    now += 60_000;
    for (const share of [0.25, 0.5, 0.75, 1]) {
      progress.show(share);
      now += 10_000;
    }
    progress.close();
    return texts;
  }

  const lines = [
    "reading sd",
    "sampling 25%  pictures 0/2",
    "sampling 50%  pictures 1/2  ETA 20s",
    "sampling 75%  pictures 1/2  ETA 10s",
    "sampling 100%  pictures 2/2  ETA 0s",
  ];

  it("rewrites a line with what is done and the time that is left", () => {
    const rewritten = lines.map((line) => `\r${line}\u001b[K`);
    expect(shown(true, "xterm")).to.deep.equal([...rewritten, "\n"]);
  });

  it("writes line after line on a dumb terminal, or none", () => {
    const written = lines.map((line) => `${line}\n`);
    expect(shown(true, "dumb")).to.deep.equal(written);
    expect(shown(false, "xterm")).to.deep.equal(written);
  });
});
