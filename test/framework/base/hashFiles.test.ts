import { writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { hashFiles } from "../../../framework/base/hashFiles.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** Of the text abc: FIPS 180-4's first example. */
const ofAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

describe("hashFiles()", () => {
  const temporary = temporaryFolder();

  for (const texts of [["abc"], ["a", "", "bc"]]) {
    it(`is that of what ${texts.length} files hold together`, () => {
      const files = texts.map((text, i) => {
        const file = temporary.path(`${i}.txt`);
        writeFileSync(file, text);
        return file;
      });
      expect(hashFiles(files)).to.equal(ofAbc);
    });
  }
});
