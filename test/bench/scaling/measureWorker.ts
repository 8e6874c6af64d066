/**
 * @file One of the workers that train the bundled model, or the only one. Its argument is a
 * `WorkerRequest` as JSON; rank 0 writes what it measured to the request's file.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { diffusionModule } from "../../../experiments/textToImage/diffusionModule.ts";
import { useBackend } from "../../../framework/backend/register.ts";
import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { sizeOf } from "../../../framework/base/shape.ts";
import type { DataLoader } from "../../../framework/data/dataLoader.ts";
import { createDenoising } from "../../../framework/diffusion/denoising.ts";
import { stableDiffusionSchedule } from "../../../framework/diffusion/schedulerConfig.ts";
import { connectMpi } from "../../../framework/distributed/connectMpi.ts";
import { findLaunch } from "../../../framework/distributed/launcher.ts";
import { singleProcess } from "../../../framework/distributed/world.ts";
import { ClipTextEncoder } from "../../../framework/models/clipTextEncoder.ts";
import { Unet } from "../../../framework/models/unet.ts";
import { adamW } from "../../../framework/optim/optimizers/adamW.ts";
import { Trainer } from "../../../framework/training/trainer.ts";
import { peakMb } from "../peakMb.ts";
import { median } from "../statistics.ts";
import type { WorkerRequest, WorkerResult } from "./measureScaling.ts";

const model = path.resolve(import.meta.dirname, "../../../models/emoji-64");
/** Of the latents. */
const side = 16;
function readConfig(part: string): unknown {
  return JSON.parse(readFileSync(path.join(model, part, "config.json"), "utf8"));
}
/** Steps before the measured ones: compiling, memory, the processor's clock. */
const warmUp = 3;

const request: WorkerRequest = JSON.parse(process.argv[2] ?? "{}");
const launch = findLaunch(process.env);
const mpi = launch && (await connectMpi(launch));
const world = mpi?.world ?? singleProcess;
const { compile } = await useBackend("ort", { threads: request.threads });
const unet = new Unet(readConfig("unet"), { seed: 1 });
const textEncoder = new ClipTextEncoder(readConfig("text_encoder"), { seed: 1 });
const latents = [request.batchSize, unet.config.in_channels, side, side];
const ids = [request.batchSize, textEncoder.config.max_position_embeddings];

/** As the experiments' batches are, with noise in the place of pictures. */
const loader: DataLoader = {
  length: 1_000_000,
  async batch(_epoch, index) {
    const random = new RandomStream(1, "scaling", index);
    const id = (): number => random.integer(textEncoder.config.vocab_size);
    return {
      latents: hostTensor(random.normals(sizeOf(latents)), latents),
      ids: hostTensor(Int32Array.from({ length: sizeOf(ids) }, id), ids),
    };
  },
};

const times: number[] = [];
let [lastMs, processorMs] = [0, 0];
const processorTime = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const module = diffusionModule({
  unet,
  textEncoder,
  denoising: createDenoising({ config: stableDiffusionSchedule }),
  trains: { unet: true, textEncoder: true },
  optimizerConfig: { optimizer: adamW({ learningRate: 1e-4 }) },
});
await new Trainer({
  maxSteps: warmUp + request.steps,
  logEveryNSteps: 0,
  gradientClipVal: 1,
  world,
  strategy: { shardOptimizer: request.shards },
  compile,
  print: () => {},
  callbacks: [
    {
      name: "clock",
      onTrainBatchEnd({ step }) {
        const now = performance.now();
        if (step === warmUp) processorMs = processorTime();
        if (step > warmUp) times.push(now - lastMs);
        lastMs = now;
      },
    },
  ],
}).fit(module, { trainLoader: loader });
const sizes = Array.from(module.trainableParameters().values(), ({ size }) => size);
const own = (processorTime() - processorMs) / request.steps;
const texts = await world.gather("the processor's time", String(own));
const peaks = await world.gather("the peak of memory", String(peakMb()));
const result: WorkerResult = {
  stepMs: median(times),
  peakMb: Math.max(...peaks.map(Number)),
  processorMs: texts.reduce((sum, text) => sum + Number(text), 0),
  parameters: sizes.reduce((sum, size) => sum + size, 0),
};
if (world.rank === 0) writeFileSync(request.file, JSON.stringify(result));
await mpi?.world.end();
