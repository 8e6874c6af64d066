import { appendFileSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { LineTail } from "../../../framework/tracking/lineTail.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("LineTail", () => {
  const folder = temporaryFolder();
  const file = (): string => folder.path("lines");

  it("gives whole lines, each once, as they come", () => {
    const tail = new LineTail(file());
    expect([...tail.read()], "no file").to.deep.equal([]);
    writeFileSync(file(), "one\ntw");
    expect([...tail.read()]).to.deep.equal(["one"]);
    appendFileSync(file(), "ö\n\nthree\n");
    expect([...tail.read()]).to.deep.equal(["twö", "", "three"]);
    expect([...tail.read()]).to.deep.equal([]);
  });

  it("reads lines longer than what it takes at once", () => {
    const long = "x".repeat(3_000_000);
    writeFileSync(file(), `${long}\nshort\n`);
    expect([...new LineTail(file()).read()].map((line) => line.length)).to.deep.equal([
      3_000_000, 5,
    ]);
  });

  it("begins anew when the file was replaced by a shorter one", () => {
    writeFileSync(file(), "a longer line\n");
    const tail = new LineTail(file());
    expect([...tail.read()]).to.have.length(1);
    writeFileSync(file(), "short\n");
    expect([...tail.read()]).to.deep.equal(["short"]);
  });
});
