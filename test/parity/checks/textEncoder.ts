import { expect } from "chai";

import { loadTextEncoder } from "../../../framework/pipelines/loadPipeline.ts";
import type { FixtureSet } from "../fixtureSet.ts";
import type { ParityCheck, ParityTest } from "../parityCheck.ts";
import { withModel } from "../withModels.ts";

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

function compareFeatures(set: FixtureSet): Promise<void> {
  const golden = set.golden("text_encoder");
  const tolerance = set.tolerance("text_encoder.last_hidden_state");
  return withModel(loadTextEncoder(set.folder), async (encoder) => {
    const output = encoder.forward(golden.tensor("input_ids"));
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
      withModel(loadTextEncoder(set.folder), async (encoder) => {
        const golden = set.golden("text_encoder");
        const features = encoder.encode(golden.tensor("input_ids"), { clipSkip });
        const tolerance = set.tolerance("text_encoder.last_hidden_state");
        await golden.compareTensor(`clip_skip_${clipSkip}`, features, tolerance);
      }),
  };
}
