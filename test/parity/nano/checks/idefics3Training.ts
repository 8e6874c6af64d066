import type * as tf from "@tensorflow/tfjs";

import type { HostBatch } from "../../../../framework/base/hostTensor.ts";
import type { Idefics3 } from "../../../../framework/models/idefics3.ts";
import { nextTokenLoss } from "../../../../framework/models/nextTokenLoss.ts";
import { rowOf } from "../../fixtureSet.ts";
import type { ParityTest } from "../../parityCheck.ts";
import { isIdefics3Folder, withIdefics3 } from "../idefics3Folder.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import type { NanoFolder } from "../nanoFolder.ts";
import { compareGradients, compareTraining, type TrainedModel } from "../recordedTraining.ts";

/** Steps of AdamW on texts with pictures, compiled: losses and gradients. */
export const idefics3Training: NanoCheck = {
  title: "training of Idefics3",
  tests: (folder) => (isIdefics3Folder(folder) ? testsOf(folder) : []),
};

function testsOf(folder: NanoFolder): ParityTest[] {
  const { train_const, train_warmup_cosine } = folder.recorded;
  if (train_const === undefined || train_warmup_cosine === undefined) return [];
  return [
    {
      title: "has the published gradients of the first step",
      run: () =>
        withIdefics3(folder, (model) =>
          compareGradients(trained(model), batchesOf(folder, model)[0]!, folder.golden()),
        ),
    },
    ...Object.entries({ train_const, train_warmup_cosine }).map(([name, recorded]) => ({
      title: `takes the published steps: ${name.replace("train_", "")}`,
      slow: true,
      run: () =>
        withIdefics3(folder, (model) =>
          compareTraining(trained(model), recorded, batchesOf(folder, model)),
        ),
    })),
  ];
}

function trained(model: Idefics3): TrainedModel {
  return {
    parameters: model.parameters,
    loss: ({ ids, labels, pixels }: tf.NamedTensorMap) =>
      nextTokenLoss(model.forward({ ids: ids!, pixels: pixels! }).logits, labels!),
  };
}

function batchesOf(folder: NanoFolder, model: Idefics3): HostBatch[] {
  const golden = folder.golden();
  const all = golden.host("train.pixel_values");
  const [ids, labels] = [golden.host("train.input_ids"), golden.host("train.labels")];
  return Array.from({ length: all.shape[0]! }, (_, i) => {
    const { pixels } = model.frames(rowOf(all, i));
    return { ids, labels, pixels };
  });
}
