import { writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";
import { InputError } from "seedbed";

import { readCaptions } from "../../../experiments/dreambooth/captions.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("readCaptions()", () => {
  const temporary = temporaryFolder();
  const write = (name: string, text: string): void =>
    writeFileSync(path.join(temporary.path(""), name), text);
  const pictures = (...names: string[]): string[] =>
    names.map((name) => path.join(temporary.path(""), name));

  it("reads the files beside pictures, the first line that is not empty", () => {
    write("a.txt", "a {token} cat, asleep\n");
    write("b.caption", "\n  a {token} cat on grass\nsecond line");
    expect(readCaptions(pictures("a.png", "b.jpg", "c.png"), "files")).to.deep.equal([
      "a {token} cat, asleep",
      "a {token} cat on grass",
      undefined,
    ]);
  });

  it("takes what a file's name says, up to an @", () => {
    const files = ["x/a sks cat asleep@2.png", "x/a_sks_cat.png"];
    expect(readCaptions(files, "names")).to.deep.equal(["a sks cat asleep", "a sks cat"]);
  });

  it("takes what the folder's name says, without repeats", () => {
    expect(readCaptions(["x/10_sks cat/1.png"], "folder")).to.deep.equal(["sks cat"]);
  });

  for (const { name, files, source, message } of [
    {
      name: "an empty file",
      files: ["empty.png"],
      source: "files",
      message: /Cannot read the caption .*empty\.txt: expected text, got none/,
    },
    {
      name: "a name that says nothing",
      files: ["@2.png"],
      source: "names",
      message: /Cannot read the caption .*@2\.png/,
    },
    {
      name: "a folder without captions",
      files: ["1.png", "2.png"],
      source: "files",
      message: /expected \.txt or \.caption files named as the pictures, got none/,
    },
  ] as const) {
    it(`refuses ${name}`, () => {
      write("empty.txt", " \n");
      expect(() => readCaptions(pictures(...files), source)).to.throw(InputError, message);
    });
  }
});
