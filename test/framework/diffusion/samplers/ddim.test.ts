import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { runEagerly, type Compile } from "../../../../framework/base/compile.ts";
import { hostTensor, type HostTensor } from "../../../../framework/base/hostTensor.ts";
import { imageNoise } from "../../../../framework/diffusion/imageNoise.ts";
import {
  createDdimSampler,
  type DdimRequest,
} from "../../../../framework/diffusion/samplers/ddim.ts";
import type { Predict } from "../../../../framework/diffusion/samplers/sampler.ts";
import {
  readSchedulerConfig,
  stableDiffusionSchedule,
} from "../../../../framework/diffusion/schedulerConfig.ts";
import { golden, goldenTensors } from "../schedulerGolden.ts";

/** Row `index` of a golden tensor. */
function row({ shape, values }: HostTensor, index: number): HostTensor {
  const [rows = 1, ...rest] = shape;
  const size = values.length / rows;
  return hostTensor(values.slice(index * size, (index + 1) * size), rest);
}

function asTensor4d({ shape, values }: HostTensor): tf.Tensor4D {
  const [a = 1, b = 1, c = 1, d = 1] = shape;
  return tf.tensor4d(values, [a, b, c, d], "float32");
}

/** Runs eagerly and shows the latents after each step. */
function watching(onLatents: (latents: ArrayLike<number>) => void): Compile {
  return (fn) =>
    Object.assign(
      async (inputs: Parameters<typeof fn>[0]) => {
        const outputs = tf.tidy(() => fn(inputs));
        onLatents(Object.values(outputs)[0]!.dataSync());
        return outputs;
      },
      { dispose() {} },
    );
}

/**
 * The published schedule is a float32 product, ours float64: they differ by up to 6e-5 of the
 * noise's variance at the last timesteps. All roundings are relative to the largest value.
 */
const tolerance = 2e-5;

function expectNear(actual: ArrayLike<number>, { values }: HostTensor): void {
  const largest = Math.max(1, ...values.map(Math.abs));
  expect(actual.length).to.equal(values.length);
  values.forEach((value, i) => {
    expect(actual[i], `element ${i}`).to.be.closeTo(value, tolerance * largest);
  });
}

describe("createDdimSampler()", () => {
  const variants = Object.entries(golden.schedulers).filter(([name]) => name.startsWith("ddim"));

  it("is compared with five published variants", () => {
    expect(variants).to.have.length(5);
  });

  for (const [name, { config, step_kwargs: kwargs, num_inference_steps: steps }] of variants) {
    it(`takes the published steps of ${name}`, async () => {
      const tensor = goldenTensors("schedulers");
      const timesteps: number[] = [];
      let done = 0;
      const sampler = createDdimSampler({
        compile: watching((latents) => {
          expectNear(latents, row(tensor(`${name}.samples`), ++done));
        }),
        predict: (_latents, timestep) => {
          timesteps.push(...timestep.dataSync());
          return asTensor4d(row(tensor("model_outputs"), done));
        },
        config: readSchedulerConfig(config),
      });
      const conditional = tf.zeros<tf.Rank.R3>([1, 1, 1]);
      const result = await sampler.sample({
        latents: row(tensor(`${name}.samples`), 0),
        conditional,
        steps,
        eta: kwargs.eta ?? 0,
        stepNoise: (index) => row(tensor("variance_noise"), index),
      });
      expect(done).to.equal(steps);
      expect(timesteps).to.deep.equal([...tensor(`${name}.timesteps`).values]);
      sampler.dispose();
      tf.dispose([conditional, result]);
    });
  }

  it("guides as the published pipeline does", async () => {
    const tensor = goldenTensors("sampling");
    const recorded = tensor("eps_uncond_cond_guided"); // [step, 3, channels, height, width]
    let done = 0;
    const sampler = createDdimSampler({
      compile: watching((latents) => {
        expectNear(latents, row(tensor("latents"), ++done));
      }),
      predict: (latents, timesteps, context) => {
        expect(latents.shape).to.deep.equal([2, 4, 8, 8]);
        expect([...timesteps.dataSync()]).to.deep.equal(
          Array.from({ length: 2 }, () => tensor("timesteps").values[done]),
        );
        expect([...context.dataSync()]).to.deep.equal([0, 1]);
        return asTensor4d(row(recorded, done)).slice([0, 0, 0, 0], [2, 4, 8, 8]);
      },
      config: readSchedulerConfig(golden.sampling.scheduler_config),
    });
    const conditional = tf.ones<tf.Rank.R3>([1, 1, 1]);
    const unconditional = tf.zeros<tf.Rank.R3>([1, 1, 1]);
    const result = await sampler.sample({
      latents: tensor("init_latents"),
      conditional,
      unconditional,
      guidanceScale: golden.sampling.guidance_scale,
      steps: 10,
    });
    expect(done).to.equal(10);
    tf.dispose([conditional, unconditional, result]);
  });
});

describe("a DDIM sampler", () => {
  /** Depends on everything that it is given. */
  const predict: Predict = (latents, timesteps, context) =>
    latents
      .mul<tf.Tensor4D>(0.5)
      .add<tf.Tensor4D>(context.mean([1, 2]).reshape([-1, 1, 1, 1]))
      .add(timesteps.div(1000).reshape([-1, 1, 1, 1]));
  const sampler = createDdimSampler({
    compile: runEagerly,
    predict,
    config: stableDiffusionSchedule,
  });

  /** Latents for image seeds; the context of an image is its seed. */
  async function run(
    seeds: readonly number[],
    options: Partial<DdimRequest> = {},
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
    const plain = createDdimSampler({
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

  const wrong: readonly [request: Partial<DdimRequest>, message: string][] = [
    [{ latents: imageNoise([1, 2], [1, 2, 2]) }, "expected 2 rows of context"],
    [{ latents: imageNoise([1], [4]) }, "[batch, channels, height, width], got [1, 4]"],
    [{ eta: 1 }, "eta 1 needs stepNoise"],
    [{ eta: 1, stepNoise: () => imageNoise([1], [1, 2, 3]) }, "shape of the latents, [1, 1, 2, 2]"],
    [{ steps: 0 }, "steps must be an integer from 1"],
  ];
  for (const [request, message] of wrong) {
    it(`refuses a request: ${message}`, async () => {
      const error: unknown = await run([1], request).catch((caught: unknown) => caught);
      expect(error).to.be.instanceOf(RangeError);
      expect(String(error)).to.include(message);
    });
  }
});
