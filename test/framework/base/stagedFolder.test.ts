import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { StagedFolder } from "../../../framework/base/stagedFolder.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("StagedFolder", () => {
  const folder = temporaryFolder();

  it("is not there before it is whole", () => {
    const staged = new StagedFolder(folder.path("out"));
    writeFileSync(path.join(staged.path, "a"), "new");
    expect(existsSync(folder.path("out"))).to.equal(false);
    staged.commit();
    expect(readFileSync(folder.path("out", "a"), "utf8")).to.equal("new");
    expect(readdirSync(folder.path())).to.deep.equal(["out"]);
  });

  it("takes the place of all that was there", () => {
    folder.write({ "out/b": "old" });
    const staged = new StagedFolder(folder.path("out"));
    writeFileSync(path.join(staged.path, "a"), "new");
    staged.commit();
    expect(readdirSync(folder.path("out"))).to.deep.equal(["a"]);
    expect(readdirSync(folder.path())).to.deep.equal(["out"]);
  });

  it("leaves what was there when it is discarded", () => {
    folder.write({ "out/b": "old" });
    new StagedFolder(folder.path("out")).discard();
    expect(readdirSync(folder.path("out"))).to.deep.equal(["b"]);
    expect(readdirSync(folder.path())).to.deep.equal(["out"]);
  });
});
