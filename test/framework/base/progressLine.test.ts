import { expect } from "chai";
import { describe, it } from "mocha";

import { canRewrite, progressLine } from "../../../framework/base/progressLine.ts";

describe("progressLine()", () => {
  it("rewrites one line as wide as the terminal, and leaves it when closed", () => {
    const texts: string[] = [];
    const output = { columns: 6, write: (text: string) => texts.push(text) };
    const line = progressLine({ output, rewrites: true, pauseSeconds: 0, nowMs: () => 0 });
    line.show("1 of 10");
    line.close();
    line.close();
    expect(texts).to.deep.equal(["\r1 of \u001b[K", "\n"]);
  });

  it("takes a terminal of no width for one of 80 columns", () => {
    const texts: string[] = [];
    const output = { columns: 0, write: (text: string) => texts.push(text) };
    const line = progressLine({ output, rewrites: true, pauseSeconds: 0, nowMs: () => 0 });
    line.show("x".repeat(100));
    expect(texts).to.deep.equal([`\r${"x".repeat(79)}\u001b[K`]);
  });

  it("writes lines of their own elsewhere, and is due after the pause", () => {
    const texts: string[] = [];
    let now = 0;
    const output = { write: (text: string) => texts.push(text) };
    const line = progressLine({ output, rewrites: false, pauseSeconds: 5, nowMs: () => now });
    expect(line.isDue()).to.equal(true);
    line.show("1");
    now = 4999;
    expect(line.isDue()).to.equal(false);
    now = 5000;
    expect(line.isDue()).to.equal(true);
    line.close();
    expect(texts).to.deep.equal(["1\n"]);
  });
});

describe("canRewrite()", () => {
  it("needs a terminal that is not dumb", () => {
    const write = (): void => {};
    expect(canRewrite({ write, isTTY: true }, { TERM: "xterm" })).to.equal(true);
    expect(canRewrite({ write, isTTY: true }, { TERM: "dumb" })).to.equal(false);
    expect(canRewrite({ write }, { TERM: "xterm" })).to.equal(false);
  });
});
