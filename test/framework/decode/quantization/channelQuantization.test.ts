import { expect } from "chai";
import { describe, it } from "mocha";

import { roundToChannels } from "../../../../framework/decode/quantization/channelQuantization.ts";
import { readSafetensors } from "../../../../framework/weights/safetensors.ts";
import { linearOutput } from "../../../support/linearOutput.ts";
import { quantFixture } from "../quantFixture.ts";

const { floats } = quantFixture();

describe("roundToChannels()", () => {
  const { codes, scales } = roundToChannels(floats("W"), 40, 96);

  it("gives the reference's codes", () => {
    const tensors = readSafetensors("test/fixtures/nano/ops/quant.safetensors");
    expect(codes).to.deep.equal(Int8Array.from(tensors.get("dyn.qW")!.values));
  });

  it("gives the reference's scales", () => {
    expect(scales).to.deep.equal(floats("dyn.sW"));
  });

  it("multiplies as the reference does, with features rounded as they come", () => {
    const [output, expected] = [linearOutput(floats("X"), floats("W"), "int8"), floats("dyn.Y")];
    const worst = output.reduce((most, y, i) => Math.max(most, Math.abs(y - expected[i]!)), 0);
    expect(worst).to.be.below(1e-5); // the products are exact, their scaling is not
  });

  it("leaves an output without weights at zero", () => {
    const quantized = roundToChannels(new Float32Array(4), 1, 4);
    expect([...quantized.codes]).to.deep.equal([0, 0, 0, 0]);
  });
});
