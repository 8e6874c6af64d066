import type * as tf from "@tensorflow/tfjs";

import { hostTensor, type HostBatch } from "../../../../framework/base/hostTensor.ts";
import type { Decoder } from "../../../../framework/models/decoder.ts";
import { nextTokenLoss } from "../../../../framework/models/nextTokenLoss.ts";
import { rowOf } from "../../fixtureSet.ts";
import type { ParityTest } from "../../parityCheck.ts";
import { isDecoderFolder, withDecoder } from "../decoderFolder.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import type { NanoFolder, RecordedTraining } from "../nanoFolder.ts";
import { compareGradients, compareTraining, type TrainedModel } from "../recordedTraining.ts";

/** Of logits of up to ten, after steps in which Adam makes rounding errors larger. */
const tolerance = 1e-4;

/** Steps of AdamW, compiled: losses, gradients, and the model after them. */
export const decoderTraining: NanoCheck = {
  title: "training of a decoder",
  tests: (folder) => (isDecoderFolder(folder) ? testsOf(folder) : []),
};

function testsOf(folder: NanoFolder): ParityTest[] {
  const { train_const: constant, train_warmup_cosine: warmedUp } = folder.recorded;
  if (constant === undefined || warmedUp === undefined) return [];
  return [
    { title: "has the published gradients of the first step", run: () => gradients(folder) },
    ...Object.entries({ const: constant, warmup_cosine: warmedUp }).map(([name, recorded]) => ({
      title: `takes the published steps: ${name}`,
      slow: true,
      run: () => curve(folder, name, recorded),
    })),
  ];
}

function trained(decoder: Decoder): TrainedModel {
  return {
    parameters: decoder.parameters,
    loss: ({ ids }: tf.NamedTensorMap) =>
      nextTokenLoss(decoder.forward({ ids: ids! }).logits, ids!),
  };
}

function batchesOf(folder: NanoFolder): HostBatch[] {
  const all = folder.golden().host("train.batches");
  return Array.from({ length: all.shape[0]! }, (_, i) => {
    const { values, shape } = rowOf(all, i);
    return { ids: hostTensor(Int32Array.from(values), shape) };
  });
}

async function gradients(folder: NanoFolder): Promise<void> {
  await withDecoder(folder, (decoder) =>
    compareGradients(trained(decoder), batchesOf(folder)[0]!, folder.golden()),
  );
}

async function curve(folder: NanoFolder, name: string, recorded: RecordedTraining): Promise<void> {
  await withDecoder(folder, async (decoder) => {
    await compareTraining(trained(decoder), recorded, batchesOf(folder));
    const all = folder.golden().tensor("train.batches");
    const ids = all.slice([0, 0, 0], [1, -1, -1]).squeeze<tf.Tensor2D>([0]);
    const { logits } = decoder.forward({ ids });
    const row = logits.slice([0, 0, 0], [1, -1, -1]).squeeze([0]);
    await folder.golden().compareTensor(`train.${name}.final_logits_batch0_row0`, row, tolerance);
  });
}
