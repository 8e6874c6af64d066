/** @file `npm run soak`: trains for 2,000 steps and fails if memory goes on growing. */
import * as tf from "@tensorflow/tfjs";

import { useBackend } from "../../framework/backend/register.ts";
import { hostTensor, type HostBatch } from "../../framework/base/hostTensor.ts";
import { RandomStream } from "../../framework/base/random.ts";
import { Unet } from "../../framework/models/unet.ts";
import { adamW } from "../../framework/optim/optimizers/adamW.ts";
import { updateSteps } from "../support/updateSteps.ts";

const steps = 2000;
/** Caches, pools and the compiler's own memory have their final size by then. */
const settledStep = 500;
const allowedGrowth = 0.02;
/** Steps between two measurements; the least of several is what is really held. */
const measureEverySteps = 25;
const measurements = 8;

interface Memory {
  heapMb: number;
  residentMb: number;
}

/** Memory in use once garbage is collected. */
function memory(): Memory {
  if (!globalThis.gc) throw new Error("Cannot measure memory: start Node with --expose-gc");
  globalThis.gc();
  const { heapUsed, rss } = process.memoryUsage();
  return { heapMb: heapUsed / 1e6, residentMb: rss / 1e6 };
}

function least(seen: readonly Memory[]): Memory {
  return {
    heapMb: Math.min(...seen.map(({ heapMb }) => heapMb)),
    residentMb: Math.min(...seen.map(({ residentMb }) => residentMb)),
  };
}

function batchAt(step: number): HostBatch {
  const random = new RandomStream(1, "batch", step);
  const normals = (...shape: number[]): HostBatch[string] =>
    hostTensor(random.normals(tf.util.sizeFromShape(shape)), shape);
  const timesteps = Int32Array.from({ length: 4 }, () => random.integer(1000));
  return {
    latents: normals(4, 4, 8, 8),
    timesteps: hostTensor(timesteps, [4]),
    context: normals(4, 8, 32),
    target: normals(4, 4, 8, 8),
  };
}

async function main(): Promise<void> {
  const { compile } = await useBackend("ort");
  const unet = new Unet(
    {
      _class_name: "UNet2DConditionModel",
      block_out_channels: [16, 32],
      down_block_types: ["DownBlock2D", "CrossAttnDownBlock2D"],
      up_block_types: ["CrossAttnUpBlock2D", "UpBlock2D"],
      layers_per_block: 1,
      attention_head_dim: 4,
      cross_attention_dim: 32,
      norm_num_groups: 8,
    },
    { seed: 1 },
  );
  const optimizer = adamW({ learningRate: 1e-4 });
  const trainStep = updateSteps(
    {
      trainableParameters: () => unet.parameters,
      configureOptimizers: () => ({ optimizer }),
      trainingStep: ({ latents, timesteps, context, target }) => ({
        loss: unet.forward(latents!, timesteps!, context!).sub(target!).square().mean().asScalar(),
      }),
    },
    { compile, gradientClipVal: 1 },
  );
  const settled: Memory[] = [];
  const end: Memory[] = [];
  const span = measureEverySteps * measurements;
  for (let step = 1; step <= steps; step++) {
    await trainStep.run(batchAt(step));
    if (step % measureEverySteps !== 0) continue;
    if (step > settledStep && step <= settledStep + span) settled.push(memory());
    if (step > steps - span) end.push(memory());
  }
  trainStep.dispose();
  report(least(settled), least(end));
}

function report(from: Memory, to: Memory): void {
  for (const key of ["heapMb", "residentMb"] as const) {
    const growth = to[key] / from[key] - 1;
    const percent = `${(100 * growth).toFixed(2)} %`;
    console.log(`${key}: ${from[key].toFixed(1)} to ${to[key].toFixed(1)}, ${percent}`);
    if (growth > allowedGrowth) process.exitCode = 1;
  }
  console.log(
    process.exitCode === 1
      ? `Memory grew by more than ${100 * allowedGrowth} % after step ${settledStep}`
      : `Memory settled within ${100 * allowedGrowth} % over ${steps - settledStep} steps`,
  );
}

await main();
