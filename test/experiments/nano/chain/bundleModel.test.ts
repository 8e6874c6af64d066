import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";
import {
  InputError,
  isQuantizedFolder,
  quantizeDecoder,
  readModelFolder,
  weightFormats,
  writeModelFolder,
  writeQuantizedFolder,
} from "seedbed";

import { bundleModel } from "../../../../experiments/nano/chain/bundleModel.ts";
import { createRun } from "../../../../framework/tracking/createRun.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const fixture = path.join(import.meta.dirname, "../../../fixtures/nano/smollm2-tiny");

describe("bundleModel()", () => {
  const folder = temporaryFolder();

  /** A run that makes a model out of another run's, or of nothing. */
  async function makeRun(name: string, from: string | undefined, inCodes: boolean) {
    const run = createRun({
      ...{ root: folder.path("runs"), name, seed: 3, spec: {}, command: [] },
      specYaml: `name: ${name}\n`,
    });
    if (from !== undefined) {
      run.recordArtifact({ name: "start", type: "model", path: from, direction: "input" });
    }
    const { config, tensors } = readModelFolder(fixture);
    const made = run.path("model");
    if (inCodes)
      writeQuantizedFolder(made, quantizeDecoder({ config, tensors }, weightFormats.int8));
    else writeModelFolder(made, { config, tensors });
    writeFileSync(path.join(made, "tokenizer.json"), "{}");
    run.recordArtifact({ name: "model", type: "model", path: made });
    await run.finish("finished", { "test/score": 0.5, report: "somewhere" });
    return { id: run.id, made };
  }

  it("copies a model with the runs that it comes from", async () => {
    const teacher = await makeRun("teacher", undefined, false);
    const quantized = await makeRun("quantized", teacher.made, true);
    const out = folder.path("bundle");
    const options = { model: "run:quantized", runs: folder.path("runs"), out };
    folder.write({ "bundle/pictures.safetensors": "of another model", "bundle/README.md": "" });
    const { bytes } = bundleModel(options);
    expect(existsSync(path.join(out, "pictures.safetensors"))).to.equal(false);
    expect(existsSync(path.join(out, "README.md"))).to.equal(true);
    expect(bytes).to.be.within(1000, 12e6);
    expect(isQuantizedFolder(out)).to.equal(true);
    expect(existsSync(path.join(out, "tokenizer.json"))).to.equal(true);
    const text = readFileSync(path.join(out, "lineage.json"), "utf8");
    expect(text, "nothing of this machine").not.to.include(folder.path());
    const { sha256, runs } = JSON.parse(text);
    expect(runs.map(({ run }: { run: string }) => run)).to.deep.equal([teacher.id, quantized.id]);
    expect(runs[1].uses).to.deep.equal([
      { as: "start", run: teacher.id, path: "model", sha256: runs[0].made.model },
    ]);
    expect(runs[1].made.model).to.equal(sha256);
    expect(runs[0]).to.deep.include({ seed: 3, summary: { "test/score": 0.5 } });
  });

  it("refuses a model that is not in codes, and one from nowhere", async () => {
    const { made } = await makeRun("plain", undefined, false);
    folder.write({ "none/pictures.safetensors": "of the model before" });
    const options = { runs: folder.path("runs"), out: folder.path("none") };
    expect(() => bundleModel({ ...options, model: made })).to.throw(
      InputError,
      "expected a model in codes, got a folder without quantization.json",
    );
    const { made: orphan } = await makeRun("orphan", fixture, true);
    expect(() => bundleModel({ ...options, model: orphan })).to.throw(
      InputError,
      "expected its manifest to name the run that made start",
    );
    expect(readdirSync(folder.path("none"))).to.deep.equal(["pictures.safetensors"]);
  });
});
