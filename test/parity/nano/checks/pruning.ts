import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { Decoder } from "../../../../framework/models/decoder.ts";
import { layerStatistics } from "../../../../framework/nn/layerStatistics.ts";
import { loadParameters } from "../../../../framework/nn/loadParameters.ts";
import { blockInfluence } from "../../../../framework/pruning/blockInfluence.ts";
import {
  headsOf,
  integerOf,
  type DecoderWeights,
} from "../../../../framework/pruning/decoderWeights.ts";
import { keepFeedForwardChannels } from "../../../../framework/pruning/keepFeedForwardChannels.ts";
import { keepKeyValueGroups } from "../../../../framework/pruning/keepKeyValueGroups.ts";
import { keepLargest } from "../../../../framework/pruning/keepLargest.ts";
import { keepLayers } from "../../../../framework/pruning/keepLayers.ts";
import { readModelFolder } from "../../../../framework/weights/modelFolder.ts";
import type { ParityTest } from "../../parityCheck.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import type { NanoFolder } from "../nanoFolder.ts";

interface RecordedPruning {
  readonly block_influence: readonly number[];
  readonly width_keep: number;
  readonly depth_drop: number;
}

/** Cutting the model beside the folder. */
export const pruning: NanoCheck = {
  title: "pruning",
  tests: (folder) =>
    folder.has("prune.json") && folder.has(`${model}/config.json`) ? testsOf(folder) : [],
};

const model = "../smollm2-tiny";
const logitsTolerance = 1e-4;
const importanceTolerance = 1e-5;

function testsOf(folder: NanoFolder): ParityTest[] {
  return [
    { title: "begins with the published logits", run: () => compare(folder, "full", (all) => all) },
    { title: "finds the published influence of layers", run: () => influences(folder) },
    { title: "keeps the published feed-forward channels", run: () => channels(folder) },
    { title: "drops a layer", run: () => depth(folder) },
    { title: "drops the last group of heads", run: () => groups(folder) },
  ];
}

const recordedOf = (folder: NanoFolder): RecordedPruning => folder.json("prune.json");
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const layersOf = ({ config }: DecoderWeights): number => integerOf(config, "num_hidden_layers");

function readWeights(folder: NanoFolder): DecoderWeights {
  const { config, tensors } = readModelFolder(folder.path(model));
  return { config: { ...Object(config) }, tensors };
}

/** Lets a function use the model of some weights, which is freed after it. */
async function withModel(
  { config, tensors }: DecoderWeights,
  use: (decoder: Decoder) => void | Promise<void>,
): Promise<void> {
  const decoder = new Decoder(config, { seed: null });
  try {
    loadParameters(decoder.parameters, tensors);
    await use(decoder);
  } finally {
    decoder.dispose();
  }
}

/** The published numbers are the pruned models' answers to the first calibration text. */
async function compare(
  folder: NanoFolder,
  name: string,
  prune: (all: DecoderWeights) => DecoderWeights,
): Promise<void> {
  const golden = folder.golden("prune");
  await withModel(prune(readWeights(folder)), async (decoder) => {
    const ids = golden.tensor("calib_ids").slice([0, 0], [1, -1]);
    await golden.compareTensor(`logits.${name}`, decoder.forward({ ids }).logits, logitsTolerance);
  });
}

async function influences(folder: NanoFolder): Promise<void> {
  const { block_influence: expected } = recordedOf(folder);
  await withModel(readWeights(folder), (decoder) => {
    const ids = folder.golden("prune").tensor("calib_ids");
    const { hiddenStates, unnormed } = decoder.forward({ ids });
    const states = [...hiddenStates.slice(0, -1), unnormed];
    for (const [layer, value] of expected.entries()) {
      const influence = blockInfluence(states[layer]!, states[layer + 1]!).dataSync()[0];
      expect(influence, `layer ${layer}`).to.be.closeTo(value, importanceTolerance);
    }
  });
}

async function channels(folder: NanoFolder): Promise<void> {
  const golden = folder.golden("prune");
  const importances = await feedForwardImportances(folder);
  const rows = tf.stack(importances.map((each) => tf.tensor1d(each)));
  await golden.compareTensor("ffn_importance", rows, importanceTolerance);
  const kept = importances.map((each) => keepLargest(each, recordedOf(folder).width_keep));
  expect(kept.flat()).to.deep.equal([...golden.host("width.kept_channels").values]);
  await compare(folder, "width", (all) => keepFeedForwardChannels(all, kept));
}

async function feedForwardImportances(folder: NanoFolder): Promise<Float32Array[]> {
  const weights = readWeights(folder);
  const found: Float32Array[] = [];
  await withModel(weights, async (decoder) => {
    const ids = folder.golden("prune").tensor("calib_ids");
    const names = upTo(layersOf(weights)).map((i) => `model.layers.${i}.mlp.down_proj.weight`);
    const outputs = new Map(names.map((name) => [name, decoder.parameters.get(name)!]));
    const statistics = await layerStatistics(outputs, () => void decoder.forward({ ids }));
    found.push(...names.map((name) => statistics.get(name)!.meanAbsolute));
  });
  return found;
}

async function depth(folder: NanoFolder): Promise<void> {
  const { depth_drop: dropped } = recordedOf(folder);
  await compare(folder, "depth", (all) =>
    keepLayers(
      all,
      upTo(layersOf(all)).filter((layer) => layer !== dropped),
    ),
  );
}

async function groups(folder: NanoFolder): Promise<void> {
  await compare(folder, "drop_last_kv_group", (all) => {
    const kept = upTo(headsOf(all.config).groups - 1);
    return keepKeyValueGroups(
      all,
      upTo(layersOf(all)).map(() => kept),
    );
  });
}
