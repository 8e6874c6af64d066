import { existsSync, readdirSync } from "node:fs";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, afterEach, before, describe, it } from "mocha";
import { Trainer, type Callback, type TrainingModule } from "seedbed";

import { engineReport, ortBackend, useBackend } from "../../framework/backend/register.ts";
import { hostTensor, type HostBatch } from "../../framework/base/hostTensor.ts";
import { RandomStream } from "../../framework/base/random.ts";
import { Unet } from "../../framework/models/unet.ts";
import { adamW } from "../../framework/optim/optimizers/adamW.ts";
import { memoryOf } from "../../framework/runtime/device.ts";
import { readMetrics } from "../../framework/tracking/metricsFile.ts";
import { resumableFit } from "../framework/training/resumableFit.ts";
import { cliFolder } from "../support/cli.ts";
import { runCommand } from "../support/runCommand.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

type BackendName = "ort" | "webgpu" | "cpu";
const tolerance = 1e-4;
const modelSteps = 5;

function expectSameCurve(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).to.have.length(expected.length);
  for (const [i, loss] of actual.entries()) {
    expect(loss, `step ${i + 1}`).to.be.closeTo(expected[i]!, tolerance);
  }
}

/** A UNet with attention, for latents of 4 x 8 x 8. */
function unetModule(): TrainingModule & { dispose(): void } {
  const unet = new Unet(
    {
      _class_name: "UNet2DConditionModel",
      block_out_channels: [8, 16],
      down_block_types: ["DownBlock2D", "CrossAttnDownBlock2D"],
      up_block_types: ["CrossAttnUpBlock2D", "UpBlock2D"],
      layers_per_block: 1,
      attention_head_dim: 2,
      cross_attention_dim: 8,
      norm_num_groups: 4,
    },
    { seed: 1 },
  );
  return {
    trainableParameters: () => unet.parameters,
    configureOptimizers: () => ({ optimizer: adamW({ learningRate: 0.001 }) }),
    trainingStep: ({ latents, timesteps, context, target }) => ({
      loss: unet.forward(latents!, timesteps!, context!).sub(target!).square().mean().asScalar(),
    }),
    dispose: () => unet.dispose(),
  };
}

function unetBatch(index: number): HostBatch {
  const random = new RandomStream(1, "batch", index);
  const normals = (...shape: number[]): HostBatch[string] =>
    hostTensor(random.normals(tf.util.sizeFromShape(shape)), shape);
  return {
    latents: normals(2, 4, 8, 8),
    timesteps: hostTensor(Int32Array.of(random.integer(1000), random.integer(1000)), [2]),
    context: normals(2, 3, 8),
    target: normals(2, 4, 8, 8),
  };
}

/** Trains the UNet for some steps and gives the losses. */
async function trainUnet(name: BackendName, callback: Callback): Promise<number[]> {
  const { compile } = await useBackend(name, name === "cpu" ? {} : { threads: 2 });
  const module = unetModule();
  const losses: number[] = [];
  const keepLoss: Callback = {
    name: "keepLoss",
    onTrainBatchEnd: ({ loss }) => void losses.push(loss),
  };
  try {
    const trainer = new Trainer({
      seed: 5,
      maxSteps: modelSteps,
      gradientClipVal: 1,
      compile,
      print: () => {},
      callbacks: [keepLoss, callback],
    });
    await trainer.fit(module, {
      trainLoader: { length: modelSteps, batch: async (_epoch, index) => unetBatch(index) },
    });
  } finally {
    module.dispose();
  }
  return losses;
}

const nothing: Callback = { name: "nothing" };

describe("training on webgpu", () => {
  const folder = temporaryFolder();
  afterEach(() => {
    if (tf.findBackend("webgpu")) {
      expect(engineReport("webgpu").device).to.include({ tensors: 0, bytes: 0 });
    }
  });
  after(async () => {
    await tf.setBackend("cpu");
  });

  describe("a UNet", () => {
    let expected: number[];
    before(async () => {
      expected = await trainUnet("ort", nothing);
    });

    it("has the losses of ort, with parameters and moments on the device all the time", async () => {
      const copies: number[][] = [];
      const places = new Set<string>();
      const watch: Callback = {
        name: "watch",
        onTrainBatchEnd() {
          const { uploads, downloads } = engineReport("webgpu").device!;
          copies.push([uploads, downloads]);
          const variables = Object.values(tf.engine().registeredVariables);
          for (const { dataId } of variables) {
            const { deviceValue, array } = ortBackend("webgpu").entry(dataId);
            places.add(deviceValue && !array ? memoryOf(deviceValue) : "host");
          }
        },
      };
      const losses = await trainUnet("webgpu", watch);
      expectSameCurve(losses, expected);
      expect([...places]).to.deep.equal(["WebGPU_Buf"]);
      expect(new Set(copies.map(String)).size, "copies after the first step").to.equal(1);
      expect(engineReport("webgpu").operatorsOnCpu).to.not.have.any.keys("FusedMatMul", "Conv");
    });

    it("has them on cpu too", async () => {
      expectSameCurve(await trainUnet("cpu", nothing), expected);
    });
  });

  describe("a fit with accumulation, averaging, validation and checkpoints", () => {
    const lossesOf = async (name: BackendName): Promise<number[]> => {
      const { compile } = await useBackend(name, name === "cpu" ? {} : { threads: 2 });
      const losses: number[] = [];
      const keepLoss: Callback = {
        name: "keepLoss",
        onTrainBatchEnd: (state) => void (state.stepFinished && losses.push(state.loss)),
        onValidationEnd: ({ stage, metrics }) =>
          void (stage === "validate" && losses.push(metrics["val/loss"]!)),
      };
      await resumableFit(folder.path(name), { compile, callbacks: [keepLoss] });
      return losses;
    };

    it("has the losses of cpu and ort", async () => {
      const losses = await lossesOf("webgpu");
      expect(losses.length).to.be.above(22);
      expectSameCurve(losses, await lossesOf("cpu"));
      expectSameCurve(losses, await lossesOf("ort"));
    });

    it("continues from a checkpoint to the same bits", async () => {
      const { compile } = await useBackend("webgpu", { threads: 2 });
      const { bytes } = await resumableFit(folder.path("whole"), { compile });
      await resumableFit(folder.path("parts"), { compile, maxSteps: 9 });
      const resumed = await resumableFit(folder.path("parts"), { compile });
      expect(resumed.bytes).to.equal(bytes);
    });
  });
});

describe("trainer.backend: webgpu", () => {
  const folder = temporaryFolder();
  const spec = `experiment: leastSquares
name: line
trainer: {backend: webgpu, maxSteps: 8, logEveryNSteps: 1}
callbacks: []
loggers: {tensorBoard: false, wandb: false}
`;

  function run(
    overrides: readonly string[],
    environment: NodeJS.ProcessEnv = {},
  ): ReturnType<typeof runCommand> {
    folder.write({ "line.yaml": spec });
    const files = [folder.path("line.yaml"), "--runs", folder.path("runs")];
    return runCommand(["run", ...files, ...overrides], cliFolder, environment);
  }

  /** The losses that a run logged. */
  async function lossesOn(name: BackendName): Promise<number[]> {
    const { code, text } = await run([`trainer.backend=${name}`, `name=${name}`]);
    expect(code, text).to.equal(0);
    expect(text).to.include(`backend ${name}`);
    const [id = ""] = readdirSync(folder.path("runs", name));
    const rows = readMetrics(folder.path("runs", name, id));
    return rows.flatMap(({ metrics }) => metrics["train/loss"] ?? []);
  }

  it("gives a spec the losses that it has on ort and cpu", async () => {
    const losses = await lossesOn("webgpu");
    expect(losses).to.have.length(8);
    expectSameCurve(losses, await lossesOn("ort"));
    expectSameCurve(losses, await lossesOn("cpu"));
  });

  it("ends with the cure, and without a run, where no driver is installed", async () => {
    const { code, text } = await run([], { VK_ICD_FILENAMES: folder.path("no-driver.json") });
    expect(code, text).to.equal(1);
    expect(text).to.match(
      /Cannot use backend webgpu: ONNX Runtime opens no device on .*; install a Vulkan driver .*, or set trainer\.backend to ort/,
    );
    expect(existsSync(folder.path("runs"))).to.equal(false);
  });
});
