import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { singleProcess } from "../../../framework/distributed/world.ts";
import { workerFolder } from "../../../framework/training/workerFolder.ts";

describe("workerFolder()", () => {
  const folderOf = (rank: number, given: string | undefined = "runs/penguin/checkpoints") =>
    workerFolder(given, { ...singleProcess, rank, size: 3 });

  it("is the given one on rank 0", () => {
    expect(folderOf(0)).to.equal("runs/penguin/checkpoints");
  });

  it("is inside a temporary folder of their own on the others, which takes files beside it", () => {
    const [second, third] = [folderOf(1)!, folderOf(2)!];
    expect(path.dirname(second)).to.not.equal(path.dirname(third));
    for (const folder of [second, third]) {
      expect(existsSync(folder)).to.equal(true);
      expect(path.basename(folder)).to.equal("checkpoints");
      expect(path.dirname(path.dirname(folder))).to.equal(tmpdir());
    }
  });

  it("is none where no checkpoints are saved", () => {
    expect(workerFolder(undefined, { ...singleProcess, rank: 1 })).to.equal(undefined);
  });
});
