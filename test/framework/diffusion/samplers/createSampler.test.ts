import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { runEagerly } from "../../../../framework/base/compile.ts";
import { hostTensor } from "../../../../framework/base/hostTensor.ts";
import { imageNoise } from "../../../../framework/diffusion/imageNoise.ts";
import { createSampler } from "../../../../framework/diffusion/samplers/createSampler.ts";
import type { Predict, SampleRequest } from "../../../../framework/diffusion/samplers/sampler.ts";
import {
  readSchedulerConfig,
  stableDiffusionSchedule,
  withSampler,
} from "../../../../framework/diffusion/schedulerConfig.ts";

describe("a sampler", () => {
  /** Depends on everything that it is given. */
  const predict: Predict = (latents, timesteps, context) =>
    latents
      .mul<tf.Tensor4D>(0.5)
      .add<tf.Tensor4D>(context.mean([1, 2]).reshape([-1, 1, 1, 1]))
      .add(timesteps.div(1000).reshape([-1, 1, 1, 1]));
  const sampler = createSampler({
    compile: runEagerly,
    predict,
    config: stableDiffusionSchedule,
  });

  /** Latents for image seeds; the context of an image is its seed. */
  async function run(
    seeds: readonly number[],
    options: Partial<SampleRequest> = {},
  ): Promise<Float32Array> {
    const conditional = tf.tensor3d([...seeds], [seeds.length, 1, 1]);
    const unconditional = tf.zeros<tf.Rank.R3>([1, 1, 1]);
    const latents = imageNoise(seeds, [1, 2, 2]);
    try {
      const made = await sampler.sample({
        latents,
        conditional,
        unconditional,
        guidanceScale: 3,
        steps: 4,
        ...options,
      });
      const values = await made.data<"float32">();
      made.dispose();
      return values;
    } finally {
      tf.dispose([conditional, unconditional]);
    }
  }

  it("makes an image the same, whatever else is in the batch", async () => {
    const together = await run([1, 2, 3]);
    const alone = await run([2]);
    expect(together.slice(4, 8)).to.deep.equal(alone);
  });

  it("tells of each step", async () => {
    const seen: unknown[] = [];
    await run([1], { onStep: (progress) => seen.push(progress) });
    expect(seen).to.deep.equal([
      { done: 1, steps: 4, timestep: 751 },
      { done: 2, steps: 4, timestep: 501 },
      { done: 3, steps: 4, timestep: 251 },
      { done: 4, steps: 4, timestep: 1 },
    ]);
  });

  it("ignores the empty prompt at guidance scale 1", async () => {
    let rows = 0;
    const plain = createSampler({
      compile: runEagerly,
      predict: (latents) => {
        rows = latents.shape[0];
        return latents.clone();
      },
      config: stableDiffusionSchedule,
    });
    const context = tf.zeros<tf.Rank.R3>([2, 1, 1]);
    const made = await plain.sample({
      latents: imageNoise([1, 2], [1, 2, 2]),
      conditional: context,
      unconditional: context,
      steps: 1,
    });
    expect(rows).to.equal(2);
    tf.dispose([context, made]);
  });

  it("stops between steps when asked to, and keeps no tensor", async () => {
    const abort = new AbortController();
    const reason = new Error("enough");
    const error: unknown = await run([1], {
      signal: abort.signal,
      onStep: ({ done }) => done === 2 && abort.abort(reason),
    }).catch((caught: unknown) => caught);
    expect(error).to.equal(reason);
  });

  const wrong: readonly [request: Partial<SampleRequest>, message: string][] = [
    [{ latents: imageNoise([1, 2], [1, 2, 2]) }, "expected 2 rows of context"],
    [{ latents: imageNoise([1], [4]) }, "[batch, channels, height, width], got [1, 4]"],
    [{ eta: 1 }, "eta 1 needs stepNoise"],
    [
      { eta: 1, stepNoise: () => imageNoise([1], [1, 2, 3]) },
      "fresh noise must have shape [1, 1, 2, 2], got [1, 1, 2, 3]",
    ],
    [{ steps: 0 }, "steps must be an integer from 1"],
    [{ extraChannels: imageNoise([1], [1, 2, 3]) }, "extra channels must have shape [1, 1, 2, 2]"],
    [{ guidanceRescale: 2 }, "guidanceRescale must be from 0 to 1, got 2"],
    [{ image: { latents: imageNoise([1], [1, 2, 3]), skip: 0 } }, "the image's latents must have"],
    [{ image: { latents: imageNoise([1], [1, 2, 2]), skip: 4 } }, "skip an integer from 0 to 3"],
    [
      {
        image: {
          latents: imageNoise([1], [1, 2, 2]),
          skip: 0,
          mask: hostTensor(new Float32Array(4), [4]),
        },
      },
      "the mask must have shape [1, 1, 2, 2], got [4]",
    ],
  ];
  for (const [request, message] of wrong) {
    it(`refuses a request: ${message}`, async () => {
      const error: unknown = await run([1], request).catch((caught: unknown) => caught);
      expect(error).to.be.instanceOf(RangeError);
      expect(String(error)).to.include(message);
    });
  }

  it("begins with an image that is as noisy as the first step left", async () => {
    const seen: number[] = [];
    const sampler = createSampler({
      compile: runEagerly,
      predict: (latents, timesteps) => {
        seen.push(timesteps.dataSync()[0]!, latents.dataSync()[0]!);
        return tf.zerosLike(latents);
      },
      config: stableDiffusionSchedule,
    });
    const conditional = tf.zeros<tf.Rank.R3>([1, 1, 1]);
    const progress: number[] = [];
    const made = await sampler.sample({
      latents: hostTensor(Float32Array.of(-1), [1, 1, 1, 1]),
      image: { latents: hostTensor(Float32Array.of(2), [1, 1, 1, 1]), skip: 1 },
      conditional,
      steps: 4,
      onStep: ({ done, steps }) => progress.push(done, steps),
    });
    // sqrt(alpha) * 2 - sqrt(1 - alpha) at timestep 501, whose alpha is 0.2750
    expect(seen[0]).to.equal(501);
    expect(seen[1]).to.be.closeTo(2 * Math.sqrt(0.275) - Math.sqrt(0.725), 1e-4);
    expect(progress).to.deep.equal([1, 3, 2, 3, 3, 3]);
    tf.dispose([conditional, made]);
  });

  for (const className of ["DDIMScheduler", "HeunDiscreteScheduler", "PNDMScheduler"] as const) {
    it(`keeps an image where the mask is 0, and not elsewhere: ${className}`, async () => {
      const inpaint = createSampler({
        compile: runEagerly,
        predict: (latents) => latents.mul<tf.Tensor4D>(0.5),
        config: withSampler(stableDiffusionSchedule, className),
      });
      const conditional = tf.zeros<tf.Rank.R3>([2, 1, 1]);
      const image = hostTensor(
        Float32Array.from({ length: 16 }, (_, i) => i / 8),
        [2, 2, 2, 2],
      );
      const mask = hostTensor(Float32Array.of(0, 1, 1, 0), [1, 1, 2, 2]);
      const made = await inpaint.sample({
        latents: imageNoise([1, 2], [2, 2, 2]),
        image: { latents: image, skip: 0, mask },
        conditional,
        steps: 5,
      });
      const values = made.dataSync();
      image.values.forEach((value, i) => {
        const kept = mask.values[i % 4] === 0;
        expect(Math.abs(values[i]! - value) < 1e-6, `element ${i}`).to.equal(kept);
      });
      inpaint.dispose();
      tf.dispose([conditional, made]);
    });
  }

  it("shows the network extra channels, not scaled and in both halves", async () => {
    const seen: number[][] = [];
    const other = createSampler({
      compile: runEagerly,
      predict: (latents) => {
        seen.push([...latents.shape], [...latents.slice([0, 2], [-1, 1]).dataSync()]);
        return latents.slice([0, 0], [-1, 2]);
      },
      config: withSampler(stableDiffusionSchedule, "EulerDiscreteScheduler"),
    });
    const conditional = tf.zeros<tf.Rank.R3>([2, 1, 1]);
    const made = await other.sample({
      latents: imageNoise([1, 2], [2, 1, 1]),
      extraChannels: hostTensor(Float32Array.of(5, 6), [2, 1, 1, 1]),
      conditional,
      unconditional: conditional,
      guidanceScale: 2,
      steps: 1,
    });
    expect(made.shape).to.deep.equal([2, 2, 1, 1]);
    expect(seen).to.deep.equal([
      [4, 3, 1, 1],
      [5, 6, 5, 6],
    ]);
    other.dispose();
    tf.dispose([conditional, made]);
  });

  it("thresholds and rescales where it is asked to", async () => {
    const seen = async (config: object, request: Partial<SampleRequest>): Promise<number> => {
      const other = createSampler({
        compile: runEagerly,
        predict: (latents, _timesteps, context) =>
          latents.mul(context.mean([1, 2]).sub(4).reshape([-1, 1, 1, 1])),
        config: readSchedulerConfig({ ...stableDiffusionSchedule, ...config }),
      });
      const conditional = tf.ones<tf.Rank.R3>([1, 1, 1]);
      const unconditional = tf.zeros<tf.Rank.R3>([1, 1, 1]);
      const latents = imageNoise([1], [1, 2, 2]);
      const made = await other.sample({
        latents,
        conditional,
        unconditional,
        guidanceScale: 3,
        steps: 4,
        ...request,
      });
      const largest = Math.max(...made.dataSync().map(Math.abs));
      tf.dispose([conditional, unconditional, made]);
      return largest;
    };
    const plain = await seen({}, {});
    expect(plain).to.be.above(2);
    const cut = await seen({ thresholding: true, set_alpha_to_one: true }, {});
    expect(cut).to.be.at.most(1 + 1e-6);
    expect(await seen({}, { guidanceRescale: 0.7 })).not.to.be.closeTo(plain, 1e-3);
  });

  it("refuses what its class cannot do", async () => {
    for (const [className, request, message] of [
      ["EulerDiscreteScheduler", { eta: 1 }, "eta 1 is an option of DDIM"],
      ["EulerAncestralDiscreteScheduler", {}, "EulerAncestralDiscreteScheduler needs stepNoise"],
    ] as const) {
      const other = createSampler({
        compile: runEagerly,
        predict,
        config: withSampler(stableDiffusionSchedule, className),
      });
      const conditional = tf.zeros<tf.Rank.R3>([1, 1, 1]);
      const latents = imageNoise([1], [1, 2, 2]);
      const error: unknown = await other
        .sample({ latents, conditional, steps: 3, ...request })
        .catch((caught: unknown) => caught);
      expect(error).to.be.instanceOf(RangeError);
      expect(String(error)).to.include(message);
      conditional.dispose();
    }
  });
});
