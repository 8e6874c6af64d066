import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import type { DecoderOutput } from "../../../../framework/models/decoder.ts";
import { nextTokenLoss } from "../../../../framework/models/nextTokenLoss.ts";
import type { ParityTest } from "../../parityCheck.ts";
import { isDecoderFolder, withDecoder } from "../decoderFolder.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import type { NanoFolder } from "../nanoFolder.ts";

/** Float32 sums in another order, through all layers, on logits of up to ten. */
const tolerance = 1e-4;

/** Language models: whole texts, texts in chunks, texts of several lengths. */
export const decoder: NanoCheck = {
  title: "decoder",
  tests: (folder) => (isDecoderFolder(folder) ? testsOf(folder) : []),
};

function testsOf(folder: NanoFolder): ParityTest[] {
  return [
    { title: "has the published logits and hidden states", run: () => whole(folder) },
    { title: "has the published losses", run: () => losses(folder) },
    { title: "computes a text in chunks as at once", run: () => inChunks(folder) },
    { title: "sees no padding before a text", run: () => leftPadded(folder) },
    ...("sliding_window" in folder.recorded
      ? [{ title: "has the published window", run: () => windows(folder) }]
      : []),
  ];
}

async function whole(folder: NanoFolder): Promise<void> {
  const golden = folder.golden();
  await withDecoder(folder, async (model) => {
    const output = model.forward({ ids: golden.tensor("input_ids") });
    await golden.compareTensor("logits", output.logits, tolerance);
    await golden.compareTensor("hidden_states", tf.stack(output.hiddenStates), tolerance);
    await compareCache(folder, output);
  });
}

async function compareCache(folder: NanoFolder, { cache }: DecoderOutput): Promise<void> {
  for (const [name, layer] of [["0", cache[0]!] as const, ["last", cache.at(-1)!] as const]) {
    await folder.golden().compareTensor(`kv.${name}.key`, layer.keys, tolerance);
    await folder.golden().compareTensor(`kv.${name}.value`, layer.values, tolerance);
  }
}

async function losses(folder: NanoFolder): Promise<void> {
  const golden = folder.golden();
  const { loss, loss_masked } = folder.recorded;
  await withDecoder(folder, async (model) => {
    const ids = golden.tensor("input_ids");
    const { logits } = model.forward({ ids });
    const [plain] = await nextTokenLoss(logits, ids).data();
    const [masked] = await nextTokenLoss(logits, golden.tensor("labels_masked")).data();
    expect(plain, "loss").to.be.closeTo(loss!, 1e-4 * loss!);
    expect(masked, "masked loss").to.be.closeTo(loss_masked!, 1e-4 * loss_masked!);
  });
}

async function inChunks(folder: NanoFolder): Promise<void> {
  const golden = folder.golden();
  const { chunks, max_abs_diff_vs_full: own } = folder.recorded.incremental!;
  expect(own, "the reference's own difference").to.be.within(0, tolerance);
  await withDecoder(folder, async (model) => {
    const parts = tf.split(golden.tensor("input_ids"), [...chunks], 1);
    const outputs: DecoderOutput[] = [];
    for (const ids of parts) outputs.push(model.forward({ ids, cache: outputs.at(-1)?.cache }));
    const logits = tf.concat(
      outputs.map((output) => output.logits),
      1,
    );
    await golden.compareTensor("logits", logits, tolerance);
    await compareCache(folder, outputs.at(-1)!);
  });
}

async function leftPadded(folder: NanoFolder): Promise<void> {
  const golden = folder.golden();
  const mask = golden.tensor("leftpad.attention_mask");
  const expected = golden.tensor("leftpad.logits");
  const { pad, row0_vs_unpadded_max_abs: own } = folder.recorded.leftpad!;
  expect(own, "the reference's own difference").to.be.within(0, tolerance);
  await withDecoder(folder, async (model) => {
    const ids = golden.tensor("leftpad.input_ids").slice([0, pad], [1, -1]);
    const alone = expected.slice([0, pad, 0], [1, -1, -1]);
    const apart = model.forward({ ids }).logits.sub(alone).abs().max();
    expect((await apart.data())[0], "first text without padding").to.be.at.most(tolerance);
    const padding = mask.slice([0, 0], [1, pad]).sum();
    const tokens = mask.slice([0, pad], [1, -1]).min();
    expect([padding.dataSync()[0], tokens.dataSync()[0]], "mask of the first text").to.deep.equal([
      0, 1,
    ]);
    for (const positions of [undefined, golden.tensor("leftpad.position_ids")]) {
      const { logits } = model.forward({
        ids: golden.tensor("leftpad.input_ids"),
        mask,
        positions,
      });
      const difference = logits.sub(expected).abs().max(-1).mul(mask.toFloat()).max();
      expect((await difference.data())[0], "largest difference").to.be.at.most(tolerance);
    }
  });
}

/** What a token sees it has seen in each layer: the last one sees so many windows back. */
async function windows(folder: NanoFolder): Promise<void> {
  expect(folder.recorded["sliding_window"]).to.equal(
    "key j visible to query i iff i - window < j <= i",
  );
  await withDecoder(folder, async (model) => {
    const { layer_windows, vocab_size } = model.config;
    const last = layer_windows.reduce<number>((sum, length) => sum + length! - 1, 0);
    const ids = folder.golden().tensor("input_ids").slice([0, 0], [1, -1]);
    expect(ids.shape[1], "tokens of a text").to.be.above(last + 1);
    const changed = tf.concat(
      [ids.slice([0, 0], [1, 1]).add(1).mod(vocab_size).toInt(), ids.slice([0, 1])],
      1,
    );
    const [before, after] = [ids, changed].map((each) => model.forward({ ids: each }).logits);
    const differences = [...(await before!.sub(after!).abs().max(-1).data())];
    expect(differences[last], `token ${last}`).to.be.above(tolerance);
    for (const each of differences.slice(last + 1)) expect(each).to.be.below(tolerance);
  });
}
