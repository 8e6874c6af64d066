import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { useBackend } from "../../../framework/backend/register.ts";
import { runEagerly } from "../../../framework/base/compile.ts";
import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { imagesToTensor, tensorToImages } from "../../../framework/data/imageTensors.ts";
import { classifierFreeGuidance } from "../../../framework/diffusion/guidance.ts";
import { createSampler } from "../../../framework/diffusion/samplers/createSampler.ts";
import {
  readSchedulerConfig,
  type SchedulerConfig,
} from "../../../framework/diffusion/schedulerConfig.ts";
import type { PipelineComponents } from "../../../framework/pipelines/pipelineComponents.ts";
import { expectNear, rowOf, type FixtureSet } from "../fixtureSet.ts";
import type { SamplingManifest } from "../manifest.ts";
import type { ParityCheck } from "../parityCheck.ts";
import { withPipeline } from "../withModels.ts";
import { watchingStates } from "./watchingStates.ts";

const pipelineLatents = /^pipeline\.(.+)\.latents$/;

/** Guided sampling: prompts, every step, the picture, and other samplers' latents. */
export const sampling: ParityCheck = {
  title: "sampling",
  files: ["sampling"],
  tests: (set) => [
    { title: "conditions on the published features", run: () => compareContext(set) },
    { title: "steps by the published predictions", run: () => compareGuidance(set) },
    { title: "predicts as published", slow: true, run: () => comparePredictions(set) },
    { title: "goes through the published latents to the picture", run: () => compareSteps(set) },
    ...Object.keys(set.manifest.files["sampling"]!)
      .flatMap((name) => pipelineLatents.exec(name)?.[1] ?? [])
      .map((name) => ({
        title: `makes the latents of the published pipeline with ${name}`,
        slow: true,
        run: () => comparePipeline(set, name),
      })),
  ],
};

function idsOf({ textEncoder, tokenizer }: PipelineComponents, prompt: string): tf.Tensor {
  const padTo = textEncoder.model.config.max_position_embeddings;
  const ids = Int32Array.from(tokenizer.encode(prompt, { padTo }));
  return tf.tensor(ids, [1, ids.length], "int32");
}

function compareContext(set: FixtureSet): Promise<void> {
  const golden = set.golden("sampling");
  const tolerance = set.tolerance("text_encoder.last_hidden_state");
  const { prompt, negative_prompt } = set.manifest.sampling!;
  return withPipeline(set, async (components) => {
    for (const [name, text] of Object.entries({ cond: prompt, uncond: negative_prompt })) {
      const ids = idsOf(components, text);
      await golden.compareTensor(`${name}_ids`, ids, 0);
      await golden.compareTensor(name, components.textEncoder.model.encode(ids), tolerance);
    }
  });
}

/** A network that answers with what was recorded: guidance and sampler alone. */
async function compareGuidance(set: FixtureSet): Promise<void> {
  const golden = set.golden("sampling");
  const { guidance_scale, steps } = set.manifest.sampling!;
  const recorded = golden.host("eps_uncond_cond_guided"); // [step, 3, channels, height, width]
  const [conditional, unconditional] = [
    tf.ones<tf.Rank.R3>([1, 1, 1]),
    tf.zeros<tf.Rank.R3>([1, 1, 1]),
  ];
  let done = 0;
  const sampler = createSampler({
    compile: watchingStates(runEagerly, ({ state }) => {
      expectNear(`latents of step ${done}`, state, rowOf(golden.host("latents"), done));
    }),
    predict(latents, timesteps, context) {
      const [, ...shape] = latents.shape;
      const timestep = golden.host("timesteps").values[done]!;
      expect([...timesteps.dataSync()]).to.deep.equal([timestep, timestep]);
      expect([...context.dataSync()]).to.deep.equal([0, 1]);
      const answer = tf.tensor4d(rowOf(recorded, done++).values, [3, ...shape]);
      return answer.slice([0, 0, 0, 0], [2, ...shape]);
    },
    config: configOf(set.manifest.sampling!),
  });
  const latents = golden.host("init_latents");
  await sampler.sample({
    latents,
    conditional,
    unconditional,
    guidanceScale: guidance_scale,
    steps,
  });
  expect(done).to.equal(steps);
}

function configOf({ scheduler, scheduler_config }: SamplingManifest): SchedulerConfig {
  return readSchedulerConfig({ _class_name: `${scheduler}Scheduler`, ...scheduler_config });
}

/** From the published latents of each step, with both contexts in one pass. */
function comparePredictions(set: FixtureSet): Promise<void> {
  const golden = set.golden("sampling");
  const timesteps = golden.host("timesteps").values;
  const published = golden.host("eps_uncond_cond_guided");
  const { guidance_scale } = set.manifest.sampling!;
  return withPipeline(set, async ({ unet }) => {
    const context = tf.concat([golden.tensor("uncond"), golden.tensor("cond")]);
    for (const [step, timestep] of timesteps.entries()) {
      const { values, shape } = rowOf(golden.host("latents"), step);
      const latents = tf.tensor(values, [...shape]);
      const made = unet.model.forward(latents.tile([2, 1, 1, 1]), tf.tensor1d([timestep]), context);
      const guided = classifierFreeGuidance(made, guidance_scale);
      const three = tf.concat([made, guided]);
      const largest = three
        .sub(tf.tensor(rowOf(published, step).values, three.shape))
        .abs()
        .max();
      // guidance adds up both errors, times its scale
      const tolerance = set.tolerance("unet.output") * 2 * guidance_scale;
      expect(largest.dataSync()[0], `step ${step}`).to.be.at.most(tolerance);
    }
  });
}

interface Drawn {
  readonly latents: tf.Tensor4D;
  /** Latents after each step. */
  readonly steps: readonly Float32Array[];
}

interface DrawSettings {
  readonly negative_prompt: string;
  readonly guidance_scale: number;
  readonly guidance_rescale?: number;
}

/** The whole way from prompt and noise to latents. */
async function draw(
  set: FixtureSet,
  components: PipelineComponents,
  config: SchedulerConfig,
  settings: DrawSettings,
): Promise<Drawn> {
  const { compile } = await useBackend("ort", { threads: 2 });
  const { textEncoder, unet } = components;
  const { prompt, steps } = set.manifest.sampling!;
  const contextOf = (text: string): tf.Tensor3D =>
    textEncoder.model.encode(idsOf(components, text));
  const seen: Float32Array[] = [];
  const sampler = createSampler({
    compile: watchingStates(compile, ({ state, sample }) =>
      seen.push(state.slice(0, sample.length)),
    ),
    predict: (latents, timesteps, context) => unet.model.forward(latents, timesteps, context),
    config,
  });
  try {
    const latents = await sampler.sample({
      latents: set.golden("sampling").host("init_latents"),
      conditional: contextOf(prompt),
      unconditional: contextOf(settings.negative_prompt),
      guidanceScale: settings.guidance_scale,
      guidanceRescale: settings.guidance_rescale ?? 0,
      steps,
    });
    return { latents, steps: seen };
  } finally {
    sampler.dispose();
  }
}

function compareSteps(set: FixtureSet): Promise<void> {
  const golden = set.golden("sampling");
  const tolerance = set.tolerance("sampling.ddim10.final_latents");
  const settings = set.manifest.sampling!;
  return withPipeline(set, async (components) => {
    const { latents, steps } = await draw(set, components, configOf(settings), settings);
    const { shape } = golden.host("init_latents");
    const all = [golden.host("init_latents").values, ...steps].flatMap((each) => [...each]);
    const trajectory = hostTensor(Float32Array.from(all), [steps.length + 1, ...shape]);
    golden.compare("latents", trajectory, tolerance);
    const { model } = components.vae;
    const picture = model.decode(model.unscaleLatents(latents));
    await golden.compareTensor("image", picture, tolerance);
    comparePixels(set, picture);
  });
}

/** At most one level off. */
function comparePixels(set: FixtureSet, picture: tf.Tensor): void {
  const values = picture.dataSync<"float32">();
  const levels = tensorToImages({ values, shape: picture.shape });
  // imagesToTensor makes 0 to 255 into -1 to 1
  const ours = imagesToTensor(levels).values.map((value) => Math.round((value + 1) * 127.5));
  const published = set.golden("sampling").host("image_uint8").values;
  const apart = published.map((level, i) => Math.abs(level - ours[i]!));
  expect(ours.length).to.equal(published.length);
  expect(Math.max(...apart), "levels that a pixel is off").to.be.at.most(1);
}

/** @param name of a sampler, with what else is different behind it: `dpmpp_2m_neg_rescale` */
function comparePipeline(set: FixtureSet, name: string): Promise<void> {
  const golden = set.golden("sampling");
  const tolerance = set.tolerance("sampling.ddim10.final_latents");
  const settings = set.manifest.sampling!;
  return withPipeline(set, async (components) => {
    const config = readSchedulerConfig({
      ...components.scheduler,
      _class_name: samplerClass(set, name),
    });
    const own: Partial<DrawSettings> = Object(settings[name]);
    const { latents } = await draw(set, components, config, { ...settings, ...own });
    await golden.compareTensor(`pipeline.${name}.latents`, latents, tolerance);
  });
}

/** The class of the sampler whose variants begin with the longest part of a name. */
function samplerClass(set: FixtureSet, name: string): string {
  const variants = Object.entries(set.manifest.schedulers ?? {});
  const words = name.split("_");
  for (let count = words.length; count > 0; count--) {
    const start = words.slice(0, count).join("_");
    const found = variants.find(([each]) => each === start || each.startsWith(`${start}_`));
    if (found) return found[1].class;
  }
  throw new RangeError(`Cannot find a sampler "${name}" among those of the manifest`);
}
