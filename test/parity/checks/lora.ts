import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { addLoraLayers } from "../../../framework/adapters/lora.ts";
import { readLora, readLoraLayers, writeLora } from "../../../framework/adapters/loraFile.ts";
import { mergeLora } from "../../../framework/adapters/loraMerge.ts";
import type { Unet } from "../../../framework/models/unet.ts";
import { readParameters } from "../../../framework/nn/readParameters.ts";
import { loadUnet } from "../../../framework/pipelines/loadPipeline.ts";
import { readSafetensors } from "../../../framework/weights/safetensors.ts";
import type { FixtureSet } from "../fixtureSet.ts";
import type { ParityCheck } from "../parityCheck.ts";
import { inTemporaryFolder } from "../temporaryFolder.ts";
import { withModel, withPipeline } from "../withModels.ts";
import { loraTraining } from "./loraTraining.ts";

const publishedFile = "lora/pytorch_lora_weights.safetensors";
const outputPrefix = "output_scale_";

/** Low-rank changes of the UNet: beside its layers, merged, written and trained. */
export const lora: ParityCheck = {
  title: "LoRA",
  files: ["lora"],
  tests: (set) => [
    { title: "gives the published outputs beside the layers", run: () => compareBeside(set) },
    { title: "gives the published outputs merged, and unmerges", run: () => compareMerged(set) },
    { title: "takes alpha to be the rank where nothing gives it", run: () => compareDefault(set) },
    { title: "is written with the published names and values", run: () => compareFile(set) },
    ...("train" in set.manifest.files
      ? [{ title: "trains as published, alone", slow: true, run: () => compareTraining(set) }]
      : []),
  ],
};

/** With the alpha that the file itself does not give. */
function publishedLora(set: FixtureSet): ReturnType<typeof readLora> {
  return readLora(set.path(publishedFile), { alpha: set.manifest.lora!.lora_alpha });
}

/** Scales that outputs were published for. */
function scalesOf(set: FixtureSet): number[] {
  const { names } = set.golden("lora");
  return names.flatMap((name) =>
    name.startsWith(outputPrefix) ? [Number(name.slice(outputPrefix.length))] : [],
  );
}

function outputOf(set: FixtureSet, unet: Unet): tf.Tensor {
  const golden = set.golden("lora");
  return unet.forward(
    golden.tensor("sample"),
    golden.tensor("timesteps"),
    golden.tensor("encoder_hidden_states"),
  );
}

async function compareOutput(set: FixtureSet, unet: Unet, scale: number): Promise<void> {
  const golden = set.golden("lora");
  const name = golden.names.find((each) => Number(each.slice(outputPrefix.length)) === scale)!;
  await golden.compareTensor(name, outputOf(set, unet), set.tolerance("unet.output"));
}

function compareBeside(set: FixtureSet): Promise<void> {
  return withModel(loadUnet(set.folder), async (unet) => {
    const layers = addLoraLayers({ unet }, publishedLora(set));
    for (const scale of scalesOf(set)) {
      layers.setScale(scale);
      await compareOutput(set, unet, scale);
    }
    const changed = outputOf(set, unet);
    layers.dispose();
    const apart = changed.sub(outputOf(set, unet)).abs().max().dataSync()[0];
    expect(apart, "what the LoRA changes").to.be.above(100 * set.tolerance("unet.output"));
  });
}

/** Without alpha a scale of alpha / rank is the published 1. */
function compareDefault(set: FixtureSet): Promise<void> {
  const { rank, lora_alpha: alpha } = set.manifest.lora!;
  return withModel(loadUnet(set.folder), async (unet) => {
    const layers = addLoraLayers({ unet }, readLora(set.path(publishedFile)));
    layers.setScale(alpha / rank);
    await compareOutput(set, unet, 1);
    layers.dispose();
  });
}

function compareMerged(set: FixtureSet): Promise<void> {
  return withModel(loadUnet(set.folder), async (unet) => {
    const before = await readParameters(unet.parameters);
    const merge = mergeLora({ unet });
    const stored = publishedLora(set);
    for (const scale of scalesOf(set)) {
      merge.merge(stored, scale);
      await compareOutput(set, unet, scale);
    }
    merge.unmerge(stored);
    expect(await readParameters(unet.parameters)).to.deep.equal(before);
    merge.dispose();
  });
}

function compareFile(set: FixtureSet): Promise<void> {
  return withModel(loadUnet(set.folder), async (unet) => {
    const layers = addLoraLayers({ unet }, publishedLora(set));
    const values = await readLoraLayers(layers.layers);
    layers.dispose();
    await inTemporaryFolder((folder) => {
      const copy = `${folder}/copy.safetensors`;
      writeLora(copy, values);
      expect(readSafetensors(copy)).to.deep.equal(readSafetensors(set.path(publishedFile)));
      expect(readLora(copy)).to.deep.equal(publishedLora(set));
    });
  });
}

function compareTraining(set: FixtureSet): Promise<void> {
  const golden = set.golden("lora");
  const { losses: published } = set.manifest.lora!.train;
  return withPipeline(set, async (components) => {
    const { model } = components.unet;
    const before = await readParameters(model.parameters);
    const layers = addLoraLayers({ unet: model }, publishedLora(set));
    const losses = await loraTraining(set, components, layers, published.length);
    for (const [step, loss] of published.entries()) {
      expect(losses[step], `loss of step ${step + 1}`).to.be.closeTo(loss, 1e-5);
    }
    const trained = await readParameters(layers.parameters);
    for (const name of golden.names.filter((each) => each.startsWith("final."))) {
      golden.compare(name, trained.get(name.slice("final.".length))!, 1e-5);
    }
    expect(await readParameters(model.parameters)).to.deep.equal(before);
    layers.dispose();
  });
}
