import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import type { Unet } from "../../../framework/models/unet.ts";
import { silu } from "../../../framework/nn/ops/index.ts";
import { sinusoids } from "../../../framework/nn/timestepEmbedding.ts";
import { loadUnet } from "../../../framework/pipelines/loadPipeline.ts";
import { hostOf, type FixtureSet } from "../fixtureSet.ts";
import type { ParityCheck } from "../parityCheck.ts";

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

async function withUnet(set: FixtureSet, use: (unet: Unet) => Promise<void>): Promise<void> {
  const { model } = loadUnet(set.folder);
  tf.engine().startScope();
  try {
    await use(model);
  } finally {
    tf.engine().endScope();
    model.dispose();
  }
}

function comparePrediction(set: FixtureSet): Promise<void> {
  const golden = set.golden("unet");
  const tolerance = set.tolerance("unet.output");
  return withUnet(set, async (model) => {
    const inner = new Map<string, tf.Tensor>();
    const output = model.forward(
      golden.tensor("sample"),
      golden.tensor("timesteps"),
      golden.tensor("encoder_hidden_states"),
      { tap: (name, value) => inner.set(name, tf.keep(value.slice([0], [1]))) },
    );
    await golden.compareTensor("output", output, tolerance);
    for (const name of golden.names) {
      const part = /^inter\.(.+)$/.exec(name)?.[1];
      if (part !== undefined) await comparePart(set, part, inner.get(part));
    }
    tf.dispose([...inner.values()]);
  });
}

async function comparePart(
  set: FixtureSet,
  part: string,
  value: tf.Tensor | undefined,
): Promise<void> {
  const golden = set.golden("unet");
  const tolerance = set.tolerance("unet.output");
  expect(value, `what ${part} gives`).to.not.equal(undefined);
  const expected = golden.tensor(`inter.${part}`);
  if (part !== "conv_norm_out") return golden.compareTensor(`inter.${part}`, value!, tolerance);
  // ours comes with the activation that follows
  const difference = await hostOf(silu(expected).sub(value!).abs().max());
  expect(difference.values[0], part).to.be.at.most(tolerance);
}

function compareOther(set: FixtureSet): Promise<void> {
  const golden = set.golden("unet");
  return withUnet(set, async (model) => {
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
  return withUnet(set, async ({ config }) => {
    const embedded = sinusoids(
      golden.tensor("timestep_embedding.timesteps"),
      config.block_out_channels[0]!,
      { flipSinToCos: config.flip_sin_to_cos, freqShift: config.freq_shift },
    );
    const tolerance = set.tolerance("unet.output");
    await golden.compareTensor("timestep_embedding.output", embedded, tolerance);
  });
}
