import { mkdirSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../../../framework/base/errors.ts";
import { createRun } from "../../../../../framework/tracking/createRun.ts";
import {
  findOfflineFolders,
  isBeingWritten,
} from "../../../../../framework/tracking/wandb/sync/findOfflineFolders.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";
import { writeWandbFolder } from "../../../../support/wandbFolder.ts";

describe("findOfflineFolders()", () => {
  const folder = temporaryFolder();
  const create = () =>
    createRun({
      root: folder.path("runs"),
      name: "toy",
      seed: 1,
      spec: {},
      specYaml: "",
      command: [],
    });

  it("finds those of a run by its folder, its id, and its folder wandb", async () => {
    const run = create();
    const written = [
      writeWandbFolder(run.folder),
      writeWandbFolder(run.folder, { startingStep: 4 }),
    ];
    for (const reference of [run.folder, run.id, run.path("wandb")]) {
      const found = findOfflineFolders(folder.path("runs"), reference);
      expect(
        found.map((each) => path.resolve(each)),
        reference,
      ).to.deep.equal(written);
    }
    await run.finish("finished");
  });

  it("takes one of them, and its log, as it is", () => {
    const run = writeWandbFolder(folder.path());
    expect(findOfflineFolders("runs", run)).to.deep.equal([run]);
    expect(findOfflineFolders("runs", path.join(run, "run-a1b2c3d4.wandb"))).to.deep.equal([run]);
  });

  it("refuses other folders, unknown runs and runs without any", async () => {
    const run = create();
    mkdirSync(folder.path("other"));
    const find = (reference: string) => () => findOfflineFolders(folder.path("runs"), reference);
    expect(find(folder.path("other"))).to.throw(
      InputError,
      "expected a run, or a folder offline-run-…",
    );
    expect(find("nosuch")).to.throw(InputError, 'Cannot find run "nosuch"');
    expect(find(run.folder)).to.throw(InputError, "it has nothing for W&B");
    await run.finish("finished");
  });

  it("knows which of a run's folders is still written", async () => {
    const run = create();
    const [first, second] = [
      writeWandbFolder(run.folder),
      writeWandbFolder(run.folder, { startingStep: 4 }),
    ];
    expect([isBeingWritten(first), isBeingWritten(second)]).to.deep.equal([false, true]);
    await run.finish("finished");
    expect(isBeingWritten(second)).to.equal(false);
  });
});
