import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { readManifest } from "../../../framework/tracking/runManifest.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { toySpec, toyRuns } from "../../support/toyRuns.ts";

describe("createRun()", () => {
  const folder = temporaryFolder();
  const create = toyRuns(folder);

  it("makes <root>/<name>/<id>/ with the spec and a manifest", async () => {
    const run = create();
    expect(run.id).to.match(/^[0-9a-z]{8}$/);
    expect(run.folder).to.equal(folder.path("runs", "toy", run.id));
    expect(readFileSync(run.path("spec.yaml"), "utf8")).to.equal("name: toy\n");
    const manifest = readManifest(run.folder);
    expect(manifest).to.deep.include({
      formatVersion: 1,
      id: run.id,
      name: "toy",
      status: "running",
      seed: 7,
      command: ["seedbed", "run", "toy.yaml"],
      summary: {},
      data: {},
      resumes: [],
    });
    expect(manifest.versions).to.have.keys(
      "node",
      "seedbed",
      "@tensorflow/tfjs",
      "onnxruntime-node",
    );
    expect(manifest.versions).to.include({
      node: process.versions.node,
      "@tensorflow/tfjs": "4.22.0",
    });
    expect(manifest.host).to.include({ name: hostname() });
    expect(manifest.environment).to.include({ directory: process.cwd(), node: process.version });
    expect(manifest).not.to.have.property("exitCode");
    expect(run.checkpointsFolder).to.equal(run.path("checkpoints"));
    await run.finish("finished");
  });

  it("hashes the spec whatever the order of its keys", async () => {
    const runs = [
      toySpec,
      { trainer: { maxSteps: 6 }, seed: 7, name: "toy" },
      { ...toySpec, seed: 8 },
    ].map((spec) => create({ spec }));
    const [a, b, c] = runs.map(({ manifest }) => manifest.specSha256);
    expect(a).to.equal(b).and.not.equal(c);
    for (const run of runs) await run.finish("finished");
  });

  it("makes the run in another folder when told to", async () => {
    const run = create({ parentDirectory: folder.path("sweeps", "one") });
    expect(path.dirname(run.folder)).to.equal(folder.path("sweeps", "one"));
    await run.finish("finished");
  });

  for (const name of ["", "..", "a/b", ".hidden", "a\\b"]) {
    it(`refuses the name ${JSON.stringify(name)}`, () => {
      expect(() => create({ name })).to.throw(InputError, "its name must be usable as a folder's");
    });
  }

  const sweep = { id: "s1", name: "toy", trial: 2, group: "toy-g", parameters: { "a.b": 1 } };

  it("makes a trial's run in the folder that is there for it, once", async () => {
    folder.write({ "runs/toy/abcd1234/trial.json": "{}" });
    const run = create({ id: "abcd1234", sweep });
    expect(run.folder).to.equal(folder.path("runs", "toy", "abcd1234"));
    expect(readManifest(run.folder)).to.deep.include({ id: "abcd1234", sweep });
    await run.finish("finished");
    expect(() => create({ id: "abcd1234" })).to.throw(InputError, /it is there; resume it$/);
  });
});
