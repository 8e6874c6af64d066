import { expect } from "chai";

import { beamScorer } from "../../../../framework/decode/beamScorer.ts";
import { beamSearch } from "../../../../framework/decode/beamSearch.ts";
import type { DecodeEngine } from "../../../../framework/decode/decodeEngine.ts";
import {
  noRepeatNgram,
  repetitionPenalty,
  type LogitsProcessor,
} from "../../../../framework/decode/logitsProcessors/index.ts";
import { expectClose, rowOf } from "../../fixtureSet.ts";
import type { ParityTest } from "../../parityCheck.ts";
import { isDecoderFolder } from "../decoderFolder.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import {
  compareAllLogits,
  compareLogits,
  logitsTolerance,
  textOf,
  withEngine,
  type EngineOptions,
} from "../nanoEngine.ts";
import type { NanoFolder } from "../nanoFolder.ts";
import { promptOf } from "../promptOf.ts";

/** Language models as they are decoded on ONNX Runtime, with keys and values in a cache. */
export const decodeEngine: NanoCheck = {
  title: "decode engine",
  tests: (folder) => (isDecoderFolder(folder) ? testsOf(folder) : []),
};

function testsOf(folder: NanoFolder): ParityTest[] {
  const penalties = [repetitionPenalty(1.3), noRepeatNgram(3)];
  return [
    ...(["grouped", "primitive"] as const).flatMap((attention) => [
      {
        title: `has the published logits of texts at once: ${attention}`,
        run: () => inChunks(folder, { attention }, (tokens) => [tokens]),
      },
      {
        title: `has them in the published chunks: ${attention}`,
        run: () => inChunks(folder, { attention }, () => folder.recorded.incremental!.chunks),
      },
      {
        title: `has them token by token: ${attention}`,
        slow: true,
        run: () => inChunks(folder, { attention }, (tokens) => Array(tokens).fill(1)),
      },
    ]),
    { title: "has the published logits of texts side by side", run: () => sideBySide(folder) },
    { title: "holds the published keys and values", run: () => cache(folder) },
    { title: "has those of texts that were padded", run: () => unpadded(folder) },
    { title: "is greedy as published", run: () => greedy(folder, "greedy", []) },
    {
      title: "avoids repetition as published",
      run: () => greedy(folder, "greedy_rep1.3_norepeat3", penalties),
    },
    { title: "searches four beams as published", run: () => beams(folder) },
  ];
}

const countOf = (folder: NanoFolder): number => folder.golden().host("input_ids").shape[0]!;

/** Each text in a row that held another before. */
async function inChunks(
  folder: NanoFolder,
  options: EngineOptions,
  chunksOf: (tokens: number) => readonly number[],
): Promise<void> {
  const golden = folder.golden();
  await withEngine(folder.folder, options, async (engine) => {
    for (let text = 0; text < countOf(folder); text++) {
      const ids = textOf(golden, "input_ids", text);
      await engine.reset(0);
      let from = 0;
      for (const count of chunksOf(ids.length)) {
        const logits = await engine.feed(0, ids.slice(from, from + count));
        compareLogits(golden, "logits", logits, { text, from });
        from += count;
      }
      expect(from, "tokens of all chunks").to.equal(ids.length);
    }
  });
}

async function sideBySide(folder: NanoFolder): Promise<void> {
  const golden = folder.golden();
  const texts = Array.from({ length: countOf(folder) }, (_, text) =>
    textOf(golden, "input_ids", text),
  );
  await withEngine(folder.folder, { rows: texts.length }, async (engine) => {
    for (const [row, ids] of texts.entries()) await engine.prefill(row, ids.slice(0, 1 + 2 * row));
    for (let i = 0; i < 8; i++) {
      const rows = texts.map((ids, row) => ({ row, token: ids[1 + 2 * row + i]! }));
      for (const [text, logits] of (await engine.step(rows)).entries()) {
        compareLogits(golden, "logits", [logits], { text, from: 1 + 2 * text + i });
      }
    }
  });
}

/** A cache that has let go of nothing: it is read before the window is full. */
async function cache(folder: NanoFolder): Promise<void> {
  const golden = folder.golden();
  await withEngine(folder.folder, { rows: countOf(folder) }, async (engine) => {
    for (let text = 0; text < countOf(folder); text++) {
      const ids = textOf(golden, "input_ids", text);
      await engine.prefill(text, ids);
      const layers = (await engine.readLayers(text, 0, ids.length))!;
      for (const [name, layer] of [["0", layers[0]!] as const, ["last", layers.at(-1)!] as const]) {
        for (const [kind, values] of [
          ["key", layer.keys],
          ["value", layer.values],
        ] as const) {
          const what = `kv.${name}.${kind}`;
          const expected = rowOf(golden.host(what), text);
          const found = { shape: expected.shape, values: Float32Array.from(values) };
          expectClose(what, found, expected, logitsTolerance);
        }
      }
    }
  });
}

/** The engine's rows have lengths of their own, and no padding. */
async function unpadded(folder: NanoFolder): Promise<void> {
  const golden = folder.golden();
  await withEngine(folder.folder, {}, async (engine) => {
    for (let text = 0; text < countOf(folder); text++) {
      const from = textOf(golden, "leftpad.attention_mask", text).indexOf(1);
      await engine.reset(0);
      const ids = textOf(golden, "leftpad.input_ids", text).slice(from);
      compareAllLogits(golden, "leftpad.logits", await engine.feed(0, ids), { text, from });
    }
  });
}

async function greedy(
  folder: NanoFolder,
  name: string,
  processors: readonly LogitsProcessor[],
): Promise<void> {
  const expected = textOf(folder.golden(), name, 0);
  await withEngine(folder.folder, {}, async (engine) => {
    const ids = promptOf(folder, expected);
    let logits = await engine.prefill(0, ids);
    while (ids.length < expected.length) {
      for (const process of processors) process(logits, ids);
      const next = logits.indexOf(logits.reduce((most, value) => Math.max(most, value)));
      ids.push(next);
      logits = await engine.prefill(0, [next]);
    }
    expect(ids, name).to.deep.equal(expected);
  });
}

async function beams(folder: NanoFolder): Promise<void> {
  const expected = textOf(folder.golden(), "beam4", 0);
  await withEngine(folder.folder, { rows: 4 }, async (engine: DecodeEngine) => {
    const prompt = promptOf(folder, expected);
    const maxNewTokens = expected.length - prompt.length;
    const ids = await beamSearch(beamScorer(engine), { prompt, beams: 4, maxNewTokens });
    expect(ids, "beam4").to.deep.equal(expected);
  });
}
