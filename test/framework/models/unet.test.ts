import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { Unet } from "../../../framework/models/unet.ts";
import { readUnetConfig } from "../../../framework/models/unetConfig.ts";
import { loadParameters } from "../../../framework/nn/loadParameters.ts";
import { silu } from "../../../framework/nn/ops/index.ts";
import {
  expectGolden,
  goldenTensors,
  readJson,
  readTensors,
  sets,
  type FixtureSet,
} from "../../support/stableDiffusion.ts";
import { expectClose } from "../../support/tensors.ts";

/** Ten times the reference's own float32 error. */
const tolerance = 2.5e-5;

const tinyConfig = {
  _class_name: "UNet2DConditionModel",
  block_out_channels: [4, 8],
  down_block_types: ["CrossAttnDownBlock2D", "DownBlock2D"],
  up_block_types: ["UpBlock2D", "CrossAttnUpBlock2D"],
  layers_per_block: 1,
  attention_head_dim: [1, 2],
  cross_attention_dim: 6,
  norm_num_groups: 2,
};

function load(set: FixtureSet): Unet {
  const model = new Unet(readJson(set, "unet/config.json"), { seed: null });
  const weights = readTensors(set, "unet/diffusion_pytorch_model.safetensors");
  loadParameters(model.parameters, weights);
  return model;
}

describe("Unet", () => {
  it("has the same gradients when its blocks are computed twice", async () => {
    const model = new Unet(tinyConfig, { seed: 3 });
    const step = (gradientCheckpointing: boolean): tf.Tensor[] =>
      tf.tidy(() => {
        const latents = tf.range(0, 128).sin().reshape([2, 4, 4, 4]);
        const context = tf.range(0, 36).cos().reshape([2, 3, 6]);
        const { value, grads } = tf.variableGrads(() => {
          const prediction = model.forward(latents, tf.tensor1d([7, 400], "int32"), context, {
            gradientCheckpointing,
          });
          return prediction.sub(latents).square().mean().asScalar();
        }, [...model.parameters.values()]);
        return [value, ...Object.values(grads)];
      });
    const [plain, twice] = [step(false), step(true)];
    expect(twice.length).to.equal(model.parameters.size + 1);
    for (const [i, tensor] of twice.entries()) await expectClose(tensor, plain[i]!, 1e-6);
    tf.dispose([plain, twice]);
    model.dispose();
  });

  for (const set of sets) {
    it(`matches the published implementation inside and out on ${set}`, () => {
      const model = load(set);
      const golden = goldenTensors(set, "unet");
      const inner = new Set(golden.names.filter((name) => name.startsWith("inter.")));
      tf.tidy(() => {
        const output = model.forward(
          golden.get("sample"),
          golden.get("timesteps"),
          golden.get("encoder_hidden_states"),
          {
            tap(name, value) {
              if (!inner.delete(`inter.${name}`)) return;
              const expected = golden.get(`inter.${name}`);
              const first = value.slice([0], [1]);
              expectGolden(
                first,
                name === "conv_norm_out" ? silu(expected) : expected,
                tolerance * Math.max(1, expected.abs().max().dataSync()[0]!),
              );
            },
          },
        );
        expectGolden(output, golden.get("output"), tolerance);
      });
      expect([...inner], "values that no tap gave").to.deep.equal([]);
      model.dispose();
    });

    it(`takes other aspects, more context and one timestep for all on ${set}`, () => {
      const model = load(set);
      const golden = goldenTensors(set, "unet");
      tf.tidy(() => {
        const output = model.forward(
          golden.get("nonsquare.sample"),
          golden.get("nonsquare.timestep"),
          golden.get("nonsquare.encoder_hidden_states"),
        );
        expectGolden(output, golden.get("nonsquare.output"), tolerance);
      });
      model.dispose();
    });
  }

  it("gives every batch row what it gives it alone", () => {
    const model = new Unet(tinyConfig, { seed: 3 });
    tf.tidy(() => {
      const latents = tf.linspace(-1, 1, 128).reshape([2, 4, 4, 4]);
      const context = tf.linspace(0, 1, 36).reshape([2, 3, 6]);
      const both = model.forward(latents, tf.tensor1d([1, 900], "int32"), context);
      const second = model.forward(
        latents.slice([1], [1]),
        tf.scalar(900, "int32"),
        context.slice([1], [1]),
      );
      expectGolden(both.slice([1], [1]), second, 1e-6);
    });
    model.dispose();
  });

  it("has linear projections with use_linear_projection", () => {
    const model = new Unet({ ...tinyConfig, use_linear_projection: true }, { seed: 3 });
    const shapeOf = (name: string): number[] | undefined => model.parameters.get(name)?.shape;
    expect(shapeOf("mid_block.attentions.0.proj_in.weight")).to.deep.equal([8, 8]);
    tf.tidy(() => {
      const output = model.forward(tf.ones([1, 4, 2, 4]), tf.scalar(5), tf.ones([1, 2, 6]));
      expect(output.shape).to.deep.equal([1, 4, 2, 4]);
      expect(tf.isNaN(output).any().dataSync()[0]).to.equal(0);
    });
    model.dispose();
  });

  it("computes the same from linear projections as from 1 x 1 convolutions", () => {
    const [conv, linear] = [false, true].map(
      (flag) => new Unet({ ...tinyConfig, use_linear_projection: flag }, { seed: 3 }),
    );
    const weights = [...conv!.parameters].map(([name, variable]) => {
      const shape = linear!.parameters.get(name)!.shape;
      return [name, { shape, values: Float32Array.from(variable.dataSync()) }] as const;
    });
    loadParameters(linear!.parameters, new Map(weights));
    tf.tidy(() => {
      const latents = tf.linspace(-1, 1, 32).reshape([1, 4, 2, 4]);
      const context = tf.linspace(0, 1, 12).reshape([1, 2, 6]);
      const [a, b] = [conv!, linear!].map((unet) => unet.forward(latents, tf.scalar(5), context));
      expectGolden(a!, b!, 1e-6);
    });
    conv!.dispose();
    linear!.dispose();
  });

  it("attends between pixels alone in blocks of that type", () => {
    const model = new Unet(
      {
        ...tinyConfig,
        in_channels: 9, // latents, a mask and masked latents
        down_block_types: ["AttnDownBlock2D", "DownBlock2D"],
        up_block_types: ["UpBlock2D", "AttnUpBlock2D"],
        attention_head_dim: 2,
      },
      { seed: 3 },
    );
    const names = [...model.parameters.keys()].filter((name) => name.endsWith("to_k.bias"));
    expect(names).to.deep.equal([
      "down_blocks.0.attentions.0.to_k.bias",
      "up_blocks.1.attentions.0.to_k.bias",
      "up_blocks.1.attentions.1.to_k.bias",
    ]);
    tf.tidy(() => {
      const output = model.forward(tf.ones([1, 9, 2, 4]), tf.scalar(5), tf.ones([1, 2, 6]));
      expect(output.shape).to.deep.equal([1, 4, 2, 4]);
    });
    model.dispose();
  });

  it("tells every block the text with addition_embed_type", () => {
    const options = { addition_embed_type: "text", addition_embed_type_num_heads: 3 };
    const types = { down_block_types: ["DownBlock2D", "DownBlock2D"] };
    const [told, plain] = [options, {}].map(
      (change) => new Unet({ ...tinyConfig, ...types, ...change }, { seed: 3 }),
    );
    expect(told!.parameters.has("add_embedding.pool.q_proj.weight")).to.equal(true);
    const firstBlocks = [told!, plain!].map((model) => {
      const seen = [0, 1].map((start) => {
        let output: Float32Array | undefined;
        tf.tidy(() => {
          const context = tf
            .range(start, start + 12)
            .sin()
            .reshape([1, 2, 6]);
          model.forward(tf.ones([1, 4, 2, 2]), tf.scalar(5), context, {
            tap(name, value) {
              if (name === "down_blocks.0.resnets.0") output = value.dataSync<"float32">();
            },
          });
        });
        return [...output!];
      });
      model.dispose();
      return seen;
    });
    expect(firstBlocks[0]![0]).to.not.deep.equal(firstBlocks[0]![1]);
    expect(firstBlocks[1]![0]).to.deep.equal(firstBlocks[1]![1]);
  });

  it("predicts zero at the start with zeroResiduals", () => {
    const model = new Unet(tinyConfig, { seed: 3, zeroResiduals: true });
    tf.tidy(() => {
      const output = model.forward(tf.ones([1, 4, 2, 2]), tf.scalar(5), tf.ones([1, 2, 6]));
      expect(output.abs().max().dataSync()[0]).to.equal(0);
    });
    model.dispose();
  });

  it("takes latents of odd height and width", () => {
    const model = new Unet(
      {
        ...tinyConfig,
        block_out_channels: [4, 4, 8],
        down_block_types: Array(3).fill("DownBlock2D"),
        up_block_types: Array(3).fill("UpBlock2D"),
        attention_head_dim: 1,
      },
      { seed: 3 },
    );
    tf.tidy(() => {
      const output = model.forward(tf.ones([1, 4, 5, 7]), tf.scalar(5), tf.ones([1, 2, 6]));
      expect(output.shape).to.deep.equal([1, 4, 5, 7]);
      expect(output.isFinite().all().dataSync()[0]).to.equal(1);
    });
    model.dispose();
  });

  it("refuses inputs that do not fit", () => {
    const model = new Unet(tinyConfig, { seed: null });
    tf.tidy(() => {
      const [latents, context] = [tf.zeros([2, 4, 2, 2]), tf.zeros([2, 3, 6])];
      const time = tf.zeros([2]);
      const cases = [
        { run: () => model.forward(tf.zeros([2, 3, 2, 2]), time, context), says: "[batch, 4, " },
        { run: () => model.forward(latents, tf.zeros([3]), context), says: "or 2, got [3]" },
        { run: () => model.forward(latents, time, tf.zeros([1, 3, 6])), says: "[2, tokens, 6]" },
      ];
      for (const { run, says } of cases) expect(run).to.throw(RangeError, says);
    });
    model.dispose();
  });
});

describe("readUnetConfig()", () => {
  it("reads attention_head_dim as heads, for all levels or each", () => {
    expect(
      readUnetConfig({ ...tinyConfig, attention_head_dim: 4 }).attention_head_dim,
    ).to.deep.equal([4, 4]);
    expect(readUnetConfig(tinyConfig).attention_head_dim).to.deep.equal([1, 2]);
    expect(
      readUnetConfig({ ...tinyConfig, num_attention_heads: 2 }).attention_head_dim,
    ).to.deep.equal([2, 2]);
  });

  const cases = [
    { change: { class_embed_type: "timestep" }, message: '"class_embed_type": expected null' },
    {
      change: { addition_embed_type: "image" },
      message: '"addition_embed_type": expected "text", got "image"',
    },
    { change: { mid_block_type: "UNetMidBlock2D" }, message: '"mid_block_type": expected "UNet' },
    {
      change: { down_block_types: ["DownBlock2D", "SkipDownBlock2D"] },
      message: '"down_block_types": expected a list of 2, each "DownBlock2D" or "Cross',
    },
    {
      change: { attention_head_dim: [1, 2, 3] },
      message: '"attention_head_dim": expected an integer >= 1, or a list of 2, got [1,2,3]',
    },
    { change: { layers_per_block: 0 }, message: '"layers_per_block": expected an integer >= 1' },
  ];
  for (const { change, message } of cases) {
    it(`refuses ${JSON.stringify(change)}`, () => {
      expect(() => readUnetConfig({ ...tinyConfig, ...change })).to.throw(
        RangeError,
        `Cannot build UNet2DConditionModel: config key ${message}`,
      );
    });
  }

  it("refuses what is no config", () => {
    expect(() => readUnetConfig([])).to.throw(TypeError, "expected a config object, got []");
  });
});
