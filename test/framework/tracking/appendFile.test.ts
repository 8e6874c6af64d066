import { readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { AppendFile } from "../../../framework/tracking/appendFile.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("AppendFile", () => {
  const folder = temporaryFolder();
  const content = (): string => readFileSync(folder.path("log"), "utf8");

  it("appends text and bytes at once", () => {
    const file = new AppendFile(folder.path("log"));
    file.append("é€\n");
    expect(content()).to.equal("é€\n");
    file.append(Buffer.from("b"));
    expect(content()).to.equal("é€\nb");
    file.close();
  });

  it("appends together what pieces of work append", () => {
    const file = new AppendFile(folder.path("log"));
    file.together(() => {
      file.append("é");
      file.together(() => file.append(Buffer.from("b")));
      expect(content()).to.equal("");
    });
    expect(content()).to.equal("éb");
    file.close();
  });

  it("keeps what was appended before work failed", () => {
    const file = new AppendFile(folder.path("log"));
    const work = (): never => {
      file.append("a");
      throw new Error("no more");
    };
    expect(() => file.together(work)).to.throw("no more");
    file.append("b");
    expect(content()).to.equal("ab");
    file.close();
  });
});
