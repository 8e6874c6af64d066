import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import {
  AutoencoderKl,
  autoencoderKlParameterName,
  klDivergence,
  readAutoencoderKlConfig,
  sampleLatents,
} from "../../../framework/models/autoencoderKl.ts";
import { loadParameters } from "../../../framework/nn/loadParameters.ts";
import {
  expectGolden,
  goldenTensors,
  readJson,
  readTensors,
  sets,
} from "../../support/stableDiffusion.ts";

/** Ten times the reference's own float32 error. */
const tolerance = 3e-5;

const tinyConfig = {
  _class_name: "AutoencoderKL",
  block_out_channels: [4, 8],
  down_block_types: ["DownEncoderBlock2D", "DownEncoderBlock2D"],
  up_block_types: ["UpDecoderBlock2D", "UpDecoderBlock2D"],
  layers_per_block: 1,
  norm_num_groups: 2,
};

describe("AutoencoderKl", () => {
  for (const set of sets) {
    it(`matches the published implementation on ${set}`, () => {
      const model = new AutoencoderKl(readJson(set, "vae/config.json"), { seed: null });
      loadParameters(model.parameters, readTensors(set, "vae/diffusion_pytorch_model.safetensors"));
      const golden = goldenTensors(set, "vae");
      tf.tidy(() => {
        const distribution = model.encode(golden.get("image"));
        expectGolden(distribution.mean, golden.get("mean"), tolerance);
        expectGolden(distribution.logvar, golden.get("logvar"), tolerance);
        const latents = sampleLatents(distribution, golden.get("noise"));
        expectGolden(model.scaleLatents(latents), golden.get("scaled_sample"), tolerance);
        expectGolden(model.unscaleLatents(model.scaleLatents(latents)), latents, tolerance);
        const kl = golden.get("kl");
        expectGolden(klDivergence(distribution), kl, 1e-5 * kl.dataSync()[0]!);
        const decoded = model.decode(golden.get("decode.latents"));
        expectGolden(decoded, golden.get("decode.image"), tolerance);
        if (golden.names.includes("nonsquare.image")) {
          const { mean, logvar } = model.encode(golden.get("nonsquare.image"));
          const moments = golden.get("nonsquare.moments");
          expectGolden(tf.concat([mean, logvar], 1), moments, tolerance);
        }
      });
      model.dispose();
    });
  }

  it("passes a gradient to every parameter", () => {
    const model = new AutoencoderKl(tinyConfig, { seed: 1 });
    tf.tidy(() => {
      const image = tf.linspace(-1, 1, 48).reshape([1, 3, 4, 4]);
      const { grads } = tf.variableGrads(() => {
        const distribution = model.encode(image);
        const latents = sampleLatents(distribution, tf.ones([1, 4, 2, 2]));
        const loss = model.decode(latents).sub(image).square().mean();
        return loss.add(klDivergence(distribution).mean()).asScalar();
      }, [...model.parameters.values()]);
      for (const [name, variable] of model.parameters) {
        const gradient = grads[variable.name];
        expect(gradient?.shape, name).to.deep.equal(variable.shape);
        expect(tf.isNaN(gradient!).any().dataSync()[0], name).to.equal(0);
        if (/weight$/.test(name) && !/to_[qk]/.test(name)) {
          expect(gradient!.abs().max().dataSync()[0], name).to.be.above(0);
        }
      }
    });
    model.dispose();
  });

  it("starts the same for one seed and otherwise for another", () => {
    const [one, again, other] = [1, 1, 2].map((seed) => new AutoencoderKl(tinyConfig, { seed }));
    const weights = (model: AutoencoderKl): Float32Array | Int32Array | Uint8Array =>
      model.parameters.get("decoder.conv_in.weight")!.dataSync();
    expect(weights(one!)).to.deep.equal(weights(again!));
    expect(weights(one!)).not.to.deep.equal(weights(other!));
    for (const model of [one, again, other]) model!.dispose();
  });

  it("starts residual branches at zero on request", () => {
    const model = new AutoencoderKl(tinyConfig, { seed: 1, zeroResiduals: true });
    const largest = (name: string): number =>
      tf.tidy(() => model.parameters.get(name)!.abs().max().dataSync()[0]!);
    expect(largest("encoder.mid_block.resnets.0.conv2.weight")).to.equal(0);
    expect(largest("encoder.mid_block.attentions.0.to_out.0.weight")).to.equal(0);
    expect(largest("encoder.mid_block.resnets.0.conv1.weight")).to.be.above(0);
    model.dispose();
  });

  it("refuses images that do not fit", () => {
    const model = new AutoencoderKl(tinyConfig, { seed: null });
    const image = tf.zeros([1, 3, 4, 5]);
    expect(() => model.encode(image)).to.throw(RangeError, "divisible by 2, got [1, 3, 4, 5]");
    expect(() => model.decode(image)).to.throw(RangeError, "latents [batch, 4, height, width]");
    image.dispose();
    model.dispose();
  });
});

describe("readAutoencoderKlConfig()", () => {
  const cases = [
    { change: { block_out_channels: [4, 0] }, message: '"block_out_channels": expected a list' },
    { change: { act_fn: "gelu" }, message: '"act_fn": expected "silu" or null' },
    {
      change: { down_block_types: ["DownEncoderBlock2D"] },
      message: '"down_block_types": expected a list of 2',
    },
    { change: { scaling_factor: "1" }, message: '"scaling_factor": expected a number, got "1"' },
    { change: { latents_mean: [0] }, message: '"latents_mean": expected null; anything else' },
  ];
  for (const { change, message } of cases) {
    it(`refuses ${JSON.stringify(change)}`, () => {
      expect(() => readAutoencoderKlConfig({ ...tinyConfig, ...change })).to.throw(
        RangeError,
        `Cannot build AutoencoderKL: config key ${message}`,
      );
    });
  }
});

describe("autoencoderKlParameterName()", () => {
  it("knows the attention's older names", () => {
    const at = "encoder.mid_block.attentions.0";
    expect(autoencoderKlParameterName(`${at}.proj_attn.bias`)).to.equal(`${at}.to_out.0.bias`);
    expect(autoencoderKlParameterName(`${at}.query.weight`)).to.equal(`${at}.to_q.weight`);
    expect(autoencoderKlParameterName("quant_conv.bias")).to.equal("quant_conv.bias");
  });
});
