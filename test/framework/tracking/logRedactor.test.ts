import { expect } from "chai";
import { describe, it } from "mocha";

import { LogRedactor } from "../../../framework/tracking/logRedactor.ts";

describe("LogRedactor", () => {
  it("holds at most a line's part of what it was given, however long the line is", () => {
    const redactor = new LogRedactor({ A_TOKEN: "0123456789abcdef" });
    const chunk = Buffer.alloc(1 << 18, "ab ");
    let [given, returned, mostHeld] = [0, 0, 0];
    for (let i = 0; i < 40; i++) {
      given += chunk.length;
      returned += redactor.write(chunk).length;
      mostHeld = Math.max(mostHeld, given - returned);
    }
    expect(mostHeld).to.be.within(1 << 20, (1 << 20) + 2 * chunk.length);
    expect(returned + redactor.end().length).to.equal(given);
    expect(redactor.hasChanged).to.equal(false);
  });

  it("returns lines as they come, but for what may be a secret's beginning", () => {
    const redactor = new LogRedactor({ A_TOKEN: "0123456789abcdef" });
    const write = (text: string): string =>
      Buffer.from(redactor.write(Buffer.from(text))).toString();
    expect(write("a\nb\n" + "x".repeat(15))).to.equal("a\nb\n");
    expect(write("0123456789abcdef\n" + "y".repeat(14))).to.equal("");
    expect(redactor.hasChanged).to.equal(false);
    expect(write("y")).to.equal(`${"x".repeat(15)}[redacted]\n`);
    expect(redactor.hasChanged).to.equal(true);
  });
});
