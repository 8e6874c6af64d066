import { expect } from "chai";

import type { Logits } from "../../../../framework/decode/decodeEngine.ts";
import type { ParityTest } from "../../parityCheck.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import { compareAllLogits, logitsTolerance, textOf, withEngine } from "../nanoEngine.ts";
import type { NanoFolder } from "../nanoFolder.ts";

interface RecordedStreaming {
  /** First tokens that stay. */
  readonly sink: number;
  /** Tokens that are seen, the first ones included. */
  readonly window: number;
  /** Largest difference from the whole text's logits, before and after tokens are let go of. */
  readonly first_window_equals_full_max_abs: number;
  readonly after_window_differs_max_abs: number;
  /** How far the published cache is off: as it is, and with its mistake corrected. */
  readonly hf_sinkcache_max_abs_diff: number;
  readonly hf_sinkcache_fixed_max_abs_diff: number;
}

/** Texts without end: the model beside the folder sees their first and their last tokens. */
export const streaming: NanoCheck = {
  title: "streaming attention",
  tests: (folder) =>
    folder.has("streaming_llm.json") && folder.has(`${model}/config.json`) ? testsOf(folder) : [],
};

const model = "../smollm2-tiny";

function testsOf(folder: NanoFolder): ParityTest[] {
  return [
    ...(["grouped", "primitive"] as const).map((attention) => ({
      title: `has the published logits token by token: ${attention}`,
      run: async () =>
        compareAllLogits(folder.golden(file), "logits", await streamed(folder, attention)),
    })),
    { title: "is that of the whole text at first alone", run: () => besideWhole(folder) },
    { title: "is not that of the published cache's mistake", run: () => publishedCache(folder) },
  ];
}

const file = "streaming_llm";
const recordedOf = (folder: NanoFolder): RecordedStreaming => folder.json(`${file}.json`);

async function streamed(
  folder: NanoFolder,
  attention: "grouped" | "primitive" = "grouped",
): Promise<Logits> {
  const { sink: sinks, window } = recordedOf(folder);
  const options = { attention, streaming: { sinks, window: window - sinks } };
  let logits: Logits = [];
  await withEngine(folder.path(model), options, async (engine) => {
    logits = await engine.feed(0, textOf(folder.golden(file), "ids", 0), { chunk: 1 });
  });
  return logits;
}

async function besideWhole(folder: NanoFolder): Promise<void> {
  const recorded = recordedOf(folder);
  const found = await streamed(folder);
  await withEngine(folder.path(model), {}, async (engine) => {
    const whole = await engine.feed(0, textOf(folder.golden(file), "ids", 0));
    const differences = found.map((logits, i) =>
      logits.reduce((most, value, j) => Math.max(most, Math.abs(value - whole[i]![j]!)), 0),
    );
    const [before, after] = [
      Math.max(...differences.slice(0, recorded.window)),
      Math.max(...differences.slice(recorded.window)),
    ];
    const expected = recorded.first_window_equals_full_max_abs;
    expect(before, "difference before tokens go").to.be.closeTo(expected, logitsTolerance);
    expect(after, "difference after tokens went").to.be.closeTo(
      recorded.after_window_differs_max_abs,
      2 * logitsTolerance,
    );
  });
}

/** Which it has the logits of when its comparison with the window is corrected. */
function publishedCache(folder: NanoFolder): void {
  const recorded = recordedOf(folder);
  expect(recorded.hf_sinkcache_fixed_max_abs_diff).to.be.within(0, logitsTolerance);
  expect(recorded.hf_sinkcache_max_abs_diff).to.be.above(100 * logitsTolerance);
}
