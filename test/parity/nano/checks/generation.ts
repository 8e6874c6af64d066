import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { beamSearch } from "../../../../framework/decode/beamSearch.ts";
import {
  noRepeatNgram,
  repetitionPenalty,
  type LogitsProcessor,
} from "../../../../framework/decode/logitsProcessors/index.ts";
import type { Decoder, KeysAndValues } from "../../../../framework/models/decoder.ts";
import { isDecoderFolder, withDecoder } from "../decoderFolder.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import type { NanoFolder } from "../nanoFolder.ts";
import { promptOf } from "../promptOf.ts";

/** Continuations of the first text's beginning, by the model in TF.js with its cache. */
export const generation: NanoCheck = {
  title: "generation",
  tests(folder) {
    if (!isDecoderFolder(folder)) return [];
    const penalties = [repetitionPenalty(1.3), noRepeatNgram(3)];
    return [
      { title: "is greedy as published", slow: true, run: () => plain(folder) },
      {
        title: "avoids repetition as published",
        run: async () => void (await greedy(folder, "greedy_rep1.3_norepeat3", penalties)),
      },
      { title: "searches four beams as published", slow: true, run: () => beams(folder) },
    ];
  },
};

/** Of logits that may each be off. */
const marginTolerance = 2e-4;

async function plain(folder: NanoFolder): Promise<void> {
  const margin = await greedy(folder, "greedy", []);
  expect(margin, "least margin").to.be.closeTo(folder.recorded.greedy_min_margin!, marginTolerance);
}

/** Least difference between the best and the second logit on the way. */
async function greedy(
  folder: NanoFolder,
  name: string,
  processors: readonly LogitsProcessor[],
): Promise<number> {
  const expected = [...folder.golden().host(name).values];
  let margin = Infinity;
  await withDecoder(folder, async (decoder) => {
    const ids = promptOf(folder, expected);
    let cache: KeysAndValues[] | undefined;
    let next = ids;
    while (ids.length < expected.length) {
      const output = decoder.forward({ ids: tf.tensor2d([next], undefined, "int32"), cache });
      const [logits] = await lastLogits(output.logits);
      for (const process of processors) process(logits!, ids);
      const [best = 0, second = 0] = logits!.toSorted((a, b) => b - a);
      margin = Math.min(margin, best - second);
      next = [logits!.indexOf(best)];
      cache = output.cache;
      ids.push(...next);
    }
    expect(ids).to.deep.equal(expected);
  });
  return margin;
}

/** Logits after the last token of each row. */
async function lastLogits(logits: tf.Tensor3D): Promise<Float32Array[]> {
  const [batch, tokens, size] = logits.shape;
  const last = logits.slice([0, tokens - 1, 0], [batch, 1, size]).reshape([batch, size]);
  const values = Float32Array.from(await last.data());
  return Array.from({ length: batch }, (_, i) => values.slice(i * size, (i + 1) * size));
}

async function beams(folder: NanoFolder): Promise<void> {
  const expected = [...folder.golden().host("beam4").values];
  await withDecoder(folder, async (decoder) => {
    const prompt = promptOf(folder, expected);
    const maxNewTokens = expected.length - prompt.length;
    const ids = await beamSearch(scorer(decoder), { prompt, beams: 4, maxNewTokens });
    expect(ids).to.deep.equal(expected);
  });
}

/** Runs the newest token of each beam on the cache of the beam that it goes on from. */
function scorer(decoder: Decoder): Parameters<typeof beamSearch>[0] {
  let cache: KeysAndValues[] | undefined;
  return async (texts, parents) => {
    const rows = cache ? texts.map((ids) => ids.slice(-1)) : texts.map((ids) => [...ids]);
    const chosen = cache?.map(({ keys, values }) => ({
      keys: tf.gather(keys, [...parents]),
      values: tf.gather(values, [...parents]),
    }));
    const output = decoder.forward({ ids: tf.tensor2d(rows, undefined, "int32"), cache: chosen });
    cache = output.cache;
    return lastLogits(output.logits);
  };
}
