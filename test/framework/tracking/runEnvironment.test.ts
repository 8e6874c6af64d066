import { execFileSync } from "node:child_process";

import { expect } from "chai";
import { describe, it } from "mocha";

import { describeEnvironment } from "../../../framework/tracking/runEnvironment.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("describeEnvironment()", () => {
  const folder = temporaryFolder();
  const git = (...words: string[]): string => {
    const author = ["-c", "user.name=a", "-c", "user.email=a@b"];
    return execFileSync("git", ["-C", folder.path(), ...author, ...words], {
      encoding: "utf8",
    }).trim();
  };

  it("has the commit, and whether files differ from it or are unknown to it", () => {
    git("init", "-q");
    folder.write({ "train.ts": "one\n" });
    git("add", ".");
    git("commit", "-qm", "first");
    const commit = git("rev-parse", "HEAD");
    expect(describeEnvironment(folder.path()).git).to.deep.equal({ commit, dirty: false });
    folder.write({ "train.ts": "two\n" });
    expect(describeEnvironment(folder.path()).git).to.deep.equal({ commit, dirty: true });
    git("checkout", "-q", ".");
    folder.write({ "sub/new.ts": "three\n" });
    expect(describeEnvironment(folder.path("sub")).git).to.deep.equal({ commit, dirty: true });
  });

  it("has no commit outside of repositories, and in one without any", () => {
    expect(describeEnvironment(folder.path())).to.not.have.property("git");
    git("init", "-q");
    expect(describeEnvironment(folder.path())).to.not.have.property("git");
  });
});
