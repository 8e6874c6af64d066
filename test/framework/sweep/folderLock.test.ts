import { existsSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { FolderLock } from "../../../framework/sweep/folderLock.ts";
import { ownIdentity } from "../../../framework/tracking/runLock.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("FolderLock", () => {
  const folder = temporaryFolder();
  const file = (): string => folder.path("sweep.lock");

  it("lets one at a time in", async () => {
    let [inside, most] = [0, 0];
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 2));
      inside--;
    };
    const locks = [1, 2, 3].map(() => new FolderLock(file()));
    await Promise.all([...locks, ...locks].map((lock) => lock.hold(work)));
    expect(most).to.equal(1);
    expect(existsSync(file())).to.equal(false);
  });

  it("is given free by work that fails", async () => {
    const lock = new FolderLock(file());
    const fails = lock.hold(() => {
      throw new Error("oh");
    });
    expect(await fails.catch(String)).to.equal("Error: oh");
    expect(await lock.hold(() => 3)).to.equal(3);
  });

  it("is broken when its owner is dead", async () => {
    writeFileSync(file(), JSON.stringify({ ...ownIdentity(), processStart: "an earlier boot" }));
    expect(await new FolderLock(file()).hold(() => 3)).to.equal(3);
  });
});
