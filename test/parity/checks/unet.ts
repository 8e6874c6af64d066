import type * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import type { HostTensor } from "../../../framework/base/hostTensor.ts";
import { silu } from "../../../framework/nn/ops/index.ts";
import { sinusoids } from "../../../framework/nn/timestepEmbedding.ts";
import { loadUnet } from "../../../framework/pipelines/loadPipeline.ts";
import { expectClose, hostOf, type FixtureSet } from "../fixtureSet.ts";
import type { ParityCheck } from "../parityCheck.ts";
import { withModel } from "../withModels.ts";

/** The noise prediction and what the parts give on the way. */
export const unet: ParityCheck = {
  title: "UNet",
  files: ["unet"],
  tests(set) {
    const has = (name: string): boolean => name in set.manifest.files["unet"]!;
    return [
      {
        title: "gives the published prediction, inside and out",
        run: () => comparePrediction(set),
        asked: true,
      },
      {
        title: "takes another aspect, more context and one timestep",
        run: () => compareOther(set),
        asked: has("nonsquare.output"),
      },
      {
        title: "embeds timesteps as published",
        run: () => compareEmbedding(set),
        asked: has("timestep_embedding.output"),
      },
    ].filter(({ asked }) => asked);
  },
};

function comparePrediction(set: FixtureSet): Promise<void> {
  const golden = set.golden("unet");
  const tolerance = set.tolerance("unet.output");
  return withModel(loadUnet(set.folder), async (model) => {
    const inner = new Map<string, HostTensor>();
    const tap = (name: string, value: tf.Tensor): void => {
      const first = value.slice([0], [1]);
      inner.set(name, { shape: first.shape, values: first.dataSync<"float32">() });
    };
    const output = model.forward(
      golden.tensor("sample"),
      golden.tensor("timesteps"),
      golden.tensor("encoder_hidden_states"),
      { tap },
    );
    await golden.compareTensor("output", output, tolerance);
    for (const name of golden.names) {
      const part = /^inter\.(.+)$/.exec(name)?.[1];
      if (part !== undefined) await comparePart(set, part, inner.get(part));
    }
  });
}

async function comparePart(
  set: FixtureSet,
  part: string,
  value: HostTensor | undefined,
): Promise<void> {
  const golden = set.golden("unet");
  const tolerance = set.tolerance("unet.output");
  expect(value, `what ${part} gives`).to.not.equal(undefined);
  if (part !== "conv_norm_out") return golden.compare(`inter.${part}`, value!, tolerance);
  // ours comes with the activation that follows
  const expected = await hostOf(silu(golden.tensor(`inter.${part}`)));
  expectClose(part, value!, expected, tolerance);
}

function compareOther(set: FixtureSet): Promise<void> {
  const golden = set.golden("unet");
  return withModel(loadUnet(set.folder), async (model) => {
    const output = model.forward(
      golden.tensor("nonsquare.sample"),
      golden.tensor("nonsquare.timestep"),
      golden.tensor("nonsquare.encoder_hidden_states"),
    );
    await golden.compareTensor("nonsquare.output", output, set.tolerance("unet.output"));
  });
}

function compareEmbedding(set: FixtureSet): Promise<void> {
  const golden = set.golden("unet");
  return withModel(loadUnet(set.folder), async ({ config }) => {
    const embedded = sinusoids(
      golden.tensor("timestep_embedding.timesteps"),
      config.block_out_channels[0]!,
      { flipSinToCos: config.flip_sin_to_cos, freqShift: config.freq_shift },
    );
    const tolerance = set.tolerance("unet.output");
    await golden.compareTensor("timestep_embedding.output", embedded, tolerance);
  });
}
