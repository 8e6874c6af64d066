import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { readLines } from "../../../framework/base/readLines.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("readLines()", () => {
  const folder = temporaryFolder();
  const lines = (text: string, chunkBytes?: number): string[] => {
    folder.write({ "a.txt": text });
    return [...readLines(folder.path("a.txt"), chunkBytes)];
  };

  for (const chunkBytes of [1, 2, 3, 5, 100]) {
    it(`gives whole lines when it reads ${chunkBytes} bytes at a time`, () => {
      const text = "größe\n\n猫\u2028 and more\r\nx\n";
      expect(lines(text, chunkBytes)).to.deep.equal(["größe", "", "猫\u2028 and more\r", "x"]);
    });
  }

  it("leaves out a last line without its end", () => {
    expect(lines("a\nb", 2)).to.deep.equal(["a"]);
    expect(lines("b")).to.deep.equal([]);
    expect(lines("")).to.deep.equal([]);
  });

  it("refuses what is no file", () => {
    expect(() => [...readLines(folder.path())]).to.throw(InputError, "expected a file");
  });
});
