import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";
import {
  InputError,
  quantizeDecoder,
  readModelFolder,
  weightFormats,
  writeQuantizedFolder,
} from "seedbed";

import { dataSettingsOf, openChainModel } from "../../../../experiments/nano/chain/chainModels.ts";
import { createRun } from "../../../../framework/tracking/createRun.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const model = path.join(import.meta.dirname, "../../../fixtures/nano/smollm2-tiny");
const blocks = { bits: 8, blockSize: 32 } as const;

describe("openChainModel()", () => {
  const folder = temporaryFolder();

  it("counts the same parameters in float32 and in codes", () => {
    const { config, tensors } = readModelFolder(model);
    const whole = openChainModel("full", model, folder.path());
    const copies = [...tensors].filter(([name]) => name !== "lm_head.weight");
    expect(whole.parameters).to.equal(
      copies.reduce((sum, [, { shape }]) => sum + shape.reduce((a, b) => a * b), 0),
    );
    for (const [name, formats] of [
      ["own codes for the head", { ...weightFormats.int8, embedding: blocks }],
      ["shared codes", { layers: blocks, head: blocks, embedding: blocks }],
      ["a table of floats", weightFormats.int8],
    ] as const) {
      writeQuantizedFolder(folder.path(name), quantizeDecoder({ config, tensors }, formats));
      const quantized = openChainModel("int8", folder.path(name), folder.path());
      expect(quantized.parameters, name).to.equal(whole.parameters);
      expect(quantized.bytes, name).to.be.below(0.75 * whole.bytes);
      expect(quantized.engine.quantized?.size, name).to.be.above(7);
    }
  });

  it("finds what a run has made, and the data it was made with", async () => {
    const run = createRun({
      ...{ root: folder.path("runs"), name: "teacher", seed: 0, spec: {}, command: [] },
      specYaml: "data: {scale: 0.5}\n",
    });
    const { config, tensors } = readModelFolder(model);
    const quantized = quantizeDecoder({ config, tensors }, weightFormats.int8);
    writeQuantizedFolder(run.path("int8"), quantized);
    await run.finish("finished");
    const opened = openChainModel("int8", "run:teacher/int8", folder.path("runs"));
    expect(opened).to.include({ folder: run.path("int8"), run: run.id });
    expect(opened.sha256).to.match(/^[0-9a-f]{64}$/);
    expect(dataSettingsOf(opened)).to.deep.equal({ scale: 0.5 });
  });

  it("says how to name another model", () => {
    for (const place of ["run:teacher", folder.path("nothing")]) {
      expect(() => openChainModel("full", place, folder.path("runs"))).to.throw(
        InputError,
        /Cannot report on the full model .* or name another one with --full/,
      );
    }
  });
});
