import { mkdirSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { recordModel } from "../../../framework/experiment/recordModel.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { toyRuns } from "../../support/toyRuns.ts";

describe("recordModel()", () => {
  const folder = temporaryFolder();
  const create = toyRuns(folder);

  it("does not go on from a checkpoint with other weights under the same path", async () => {
    const run = create();
    const record = (): string => recordModel(run, "base", folder.path("model"));
    folder.write({ "model/config.json": "{}", "model/model.safetensors": "weights" });
    const begunWith = record();
    expect(run.manifest.data["base model"]).to.deep.equal({
      sha256: begunWith,
      details: { path: folder.path("model") },
    });
    expect(run.manifest.artifacts).to.have.length(1);
    mkdirSync(run.checkpointsFolder);
    folder.write({ "model/README.md": "does not decide a number" });
    expect(record()).to.equal(begunWith);
    folder.write({ "model/model.safetensors": "changed" });
    expect(record).to.throw(
      InputError,
      new RegExp(`the data "base model" that it was begun with, ${begunWith}, got [0-9a-f]{64};`),
    );
    await run.finish("finished");
  });
});
