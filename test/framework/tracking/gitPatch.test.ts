import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import { gitPatch } from "../../../framework/tracking/gitPatch.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("gitPatch()", () => {
  const folder = temporaryFolder();
  const git = (...words: string[]): void => {
    const author = ["-c", "user.name=a", "-c", "user.email=a@b"];
    execFileSync("git", ["-C", folder.path(), ...author, ...words], { stdio: "ignore" });
  };

  beforeEach(() => {
    git("init");
    folder.write({ "train.ts": "one\ntwo\n", "sub/model.ts": "a\n" });
    git("add", ".");
    git("commit", "-m", "first");
  });

  it("is empty where nothing differs, and outside of repositories", () => {
    expect(gitPatch(folder.path("sub"))).to.equal("");
    rmSync(folder.path(".git"), { recursive: true });
    expect(gitPatch(folder.path())).to.equal("");
  });

  it("brings the commit's files to what they are, and names untracked ones", () => {
    folder.write({ "train.ts": "one\n2\n", "neü.txt": "content" });
    rmSync(folder.path("sub", "model.ts"));
    const patch = gitPatch(folder.path());
    expect(patch.split("\n").slice(0, 2)).to.deep.equal([
      "# Untracked files, whose content is not here:",
      "#   neü.txt",
    ]);
    expect(patch).not.to.include("content\n+");
    rmSync(folder.path("neü.txt"));
    git("checkout", ".");
    writeFileSync(folder.path("git.patch"), patch);
    git("apply", "git.patch");
    expect(readFileSync(folder.path("train.ts"), "utf8")).to.equal("one\n2\n");
    expect(() => readFileSync(folder.path("sub", "model.ts"))).to.throw("ENOENT");
  });

  it("leaves out and names changes that would make it too long", () => {
    folder.write({ "sub/model.ts": "x\n".repeat(1000), "train.ts": "one\n2\n" });
    const lines = gitPatch(folder.path(), { maxBytes: 1000 }).split("\n");
    expect(lines.slice(0, 3)).to.deep.equal([
      "# Changes that are not here, since all may have 1000 bytes:",
      "#   a/sub/model.ts b/sub/model.ts",
      "diff --git a/train.ts b/train.ts",
    ]);
  });

  it("takes out the values of secrets", () => {
    folder.write({ "train.ts": 'const key = "0123456789abcdef";\n' });
    const patch = gitPatch(folder.path(), { environment: { HF_TOKEN: "0123456789abcdef" } });
    expect(patch).to.include('+const key = "[redacted]";');
  });
});
