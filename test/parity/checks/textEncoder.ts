import type * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import type { ClipTextEncoder } from "../../../framework/models/clipTextEncoder.ts";
import { loadTextEncoder } from "../../../framework/pipelines/loadPipeline.ts";
import type { FixtureSet } from "../fixtureSet.ts";
import type { ParityCheck, ParityTest } from "../parityCheck.ts";

/** Features of three texts, of every layer, pooled, and with layers left out. */
export const textEncoder: ParityCheck = {
  title: "text encoder",
  files: ["text_encoder"],
  tests(set) {
    const skips = Object.keys(set.manifest.files["text_encoder"]!).flatMap(
      (name) => /^clip_skip_(\d+)$/.exec(name)?.[1] ?? [],
    );
    return [
      { title: "gives the published features", run: () => compareFeatures(set) },
      ...skips.map((skip) => skipTest(set, Number(skip))),
    ];
  },
};

async function withEncoder(
  set: FixtureSet,
  use: (encoder: ClipTextEncoder, ids: tf.Tensor) => Promise<void>,
): Promise<void> {
  const { model } = loadTextEncoder(set.folder);
  try {
    await use(model, set.golden("text_encoder").tensor("input_ids"));
  } finally {
    model.dispose();
  }
}

function compareFeatures(set: FixtureSet): Promise<void> {
  const golden = set.golden("text_encoder");
  const tolerance = set.tolerance("text_encoder.last_hidden_state");
  return withEncoder(set, async (encoder, ids) => {
    const output = encoder.forward(ids);
    await golden.compareTensor("last_hidden_state", output.lastHiddenState, tolerance);
    await golden.compareTensor("pooler_output", output.pooled, tolerance);
    if (golden.has("text_embeds")) {
      await golden.compareTensor("text_embeds", output.projected!, tolerance);
    }
    const states = golden.names.filter((name) => name.startsWith("hidden_states."));
    expect(output.hiddenStates).to.have.length(states.length);
    for (const [i, state] of output.hiddenStates.entries()) {
      const first = state.slice([0], [1]);
      await golden.compareTensor(`hidden_states.${i}`, first, tolerance);
    }
  });
}

function skipTest(set: FixtureSet, clipSkip: number): ParityTest {
  return {
    title: `gives the published features ${clipSkip} layers from the end`,
    run: () =>
      withEncoder(set, async (encoder, ids) => {
        const features = encoder.encode(ids, { clipSkip });
        const tolerance = set.tolerance("text_encoder.last_hidden_state");
        await set
          .golden("text_encoder")
          .compareTensor(`clip_skip_${clipSkip}`, features, tolerance);
      }),
  };
}
