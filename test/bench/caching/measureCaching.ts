/** @file Measures DreamBooth's step with and without cached latents, in turns, in this process. */
import { setTimeout as sleep } from "node:timers/promises";

import { dreamboothLoaders, tokenIds } from "../../../experiments/dreambooth/dataset.ts";
import { dreamboothLoss } from "../../../experiments/dreambooth/dreamboothLoss.ts";
import { encodingModule } from "../../../experiments/dreambooth/pictures/encodingModule.ts";
import { pictureData } from "../../../experiments/dreambooth/pictures/pictureData.ts";
import { promptSource, remembering } from "../../../experiments/dreambooth/promptSource.ts";
import { settingsOf } from "../../../experiments/dreambooth/settings.ts";
import { classPrompts } from "../../../experiments/dreambooth/subjectPrompts.ts";
import { diffusionModule } from "../../../experiments/textToImage/diffusionModule.ts";
import { useBackend } from "../../../framework/backend/register.ts";
import type { HostBatch } from "../../../framework/base/hostTensor.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";
import { listImages, readImages } from "../../../framework/data/image.ts";
import { createDenoising } from "../../../framework/diffusion/denoising.ts";
import { createOptimizerConfig } from "../../../framework/experiment/createOptimizerConfig.ts";
import { loadPipeline } from "../../../framework/pipelines/loadPipeline.ts";
import { updateSteps } from "../../support/updateSteps.ts";
import { peakMb } from "../peakMb.ts";
import { median, quantile } from "../statistics.ts";
import type { CachingReport } from "./cachingReport.ts";

const warmUps = 3;
/** Threads go on spinning for a moment after their work. */
const pauseMs = 50;
const seed = 1;

/**
 * Steps of the committed spec with a model of their own. As in the Trainer, the next batch is made
 * while a step runs.
 */
async function stepsOf(latents: "memory" | "none"): Promise<() => Promise<void>> {
  const { compile } = await useBackend("ort");
  const { spec } = await loadExperimentSpec("configs/dreambooth.yaml", [
    `data.cache.latents=${latents}`,
  ]);
  const { data, model, loss } = settingsOf(spec);
  const components = loadPipeline(model.folder);
  const subjects = await readImages(data.instance.folder);
  const classFiles = listImages("subjects/cat").images; // what they show takes no time
  const pictures = await pictureData({ components, compile, data, subjects, classFiles, seed });
  const encode = remembering((prompt) => tokenIds(components, prompt));
  const { trainLoader } = dreamboothLoaders({
    subjects: [
      {
        pictures,
        prompts: pictures.copies.map(({ prompts }) => promptSource(prompts, data.instance, encode)),
        classPrompts: classPrompts(data, classFiles.length).map((prompt) =>
          promptSource([prompt], data.class, encode),
        ),
      },
    ],
    batchSize: data.batchSize,
    seed,
  });
  const denoiser = diffusionModule({
    unet: components.unet.model,
    textEncoder: components.textEncoder.model,
    denoising: createDenoising({ config: components.scheduler }),
    trains: model.trains,
    optimizerConfig: createOptimizerConfig(spec),
    combine: (losses) => dreamboothLoss(losses, data.batchSize, loss.priorWeight),
  });
  const module = encodingModule(denoiser, components.vae.model, data.cache.posterior);
  const make = async (index: number): Promise<HostBatch> => {
    const epoch = Math.floor(index / trainLoader.length);
    const batch = await trainLoader.batch(epoch, index % trainLoader.length);
    return module.prepareBatch!(batch, new RandomStream(seed, "batch", index), "train");
  };
  const step = updateSteps(module, { compile, gradientClipVal: 1 });
  let count = 0;
  let ahead = make(count++);
  return async () => {
    const batch = await ahead;
    ahead = make(count++);
    await step.run(batch);
    await ahead;
  };
}

async function timeOf(step: () => Promise<void>): Promise<number> {
  await sleep(pauseMs);
  const start = performance.now();
  await step();
  return performance.now() - start;
}

async function measure(pairs: number): Promise<CachingReport> {
  const cached = await stepsOf("memory");
  const encoded = await stepsOf("none");
  for (let i = 0; i < warmUps; i++) {
    await cached();
    await encoded();
  }
  const times: { cachedMs: number; encodedMs: number }[] = [];
  for (let i = 0; i < pairs; i++) {
    times.push({ cachedMs: await timeOf(cached), encodedMs: await timeOf(encoded) });
  }
  const ratios = times.map(({ cachedMs, encodedMs }) => encodedMs / cachedMs);
  return {
    cachedMs: median(times.map(({ cachedMs }) => cachedMs)),
    encodedMs: median(times.map(({ encodedMs }) => encodedMs)),
    ratio: median(ratios),
    quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    peakMb: peakMb(),
  };
}

const [threads, pairs] = process.argv.slice(2).map(Number);
await useBackend("ort", { threads: threads! });
process.send?.(await measure(pairs!));
process.exit();
