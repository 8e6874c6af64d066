import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { ops, nextTokens, packedDataset, tokenDocuments, toTensor } from "seedbed";

import { crossEntropy, perplexity } from "../../../../experiments/nano/evaluation/perplexity.ts";
import { tinyEngine } from "../tinyDecoders.ts";

const documents = tokenDocuments([
  { ids: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], learnt: [0, 0, 1, 1, 0, 1, 1, 0, 0, 1] },
  { ids: [5, 6, 7, 8], learnt: [1, 0, 1, 1] },
  { ids: [3, 3], learnt: [1, 0] },
]);

describe("perplexity()", () => {
  const { model, engine } = tinyEngine();

  it("is e to the loss that training has of the same rows", async () => {
    const row = packedDataset(documents, { length: 22, padId: 0 }).get(0, undefined!);
    const loss = tf.tidy(() => {
      const batch = Object.fromEntries(
        Object.entries(row).map(([name, host]) => [name, toTensor(host).expandDims(0)]),
      );
      const { ids, labels, positions } = batch;
      const bias = ops.documentBias(batch["documents"]!);
      const { logits } = model().forward({ ids: ids!, positions, bias });
      return ops.meanSoftmaxCrossEntropy(logits, nextTokens(labels!)).dataSync()[0]!;
    });
    const measured = await perplexity(engine(), documents, { length: 22 });
    expect(measured).to.be.closeTo(Math.exp(loss), 1e-4 * Math.exp(loss));
  });

  it("cuts long documents into pieces that know nothing of each other", async () => {
    const pieces = tokenDocuments([
      { ids: [1, 2, 3, 4, 5], learnt: [0, 0, 1, 1, 0] },
      { ids: [6, 7, 8, 9, 10], learnt: [1, 1, 0, 0, 1] },
    ]);
    const first = { ends: Uint32Array.of(10), ids: documents.ids, learnt: documents.learnt };
    const cut = await perplexity(engine(), first, { length: 5 });
    expect(cut).to.be.closeTo(await perplexity(engine(), pieces, { length: 10 }), 1e-5);
    expect(cut).to.not.be.closeTo(await perplexity(engine(), first, { length: 10 }), 0.1);
  });

  it("leaves out the rests of documents where they are not read", async () => {
    const first = { ends: Uint32Array.of(10), ids: documents.ids, learnt: documents.learnt };
    const beginning = tokenDocuments([{ ids: [1, 2, 3, 4, 5], learnt: [0, 0, 1, 1, 0] }]);
    const cut = await perplexity(engine(), first, { length: 5, rests: false });
    expect(cut).to.be.closeTo(await perplexity(engine(), beginning, { length: 10 }), 1e-5);
    expect(cut).to.not.be.closeTo(await perplexity(engine(), first, { length: 5 }), 0.1);
  });

  it("is NaN where nothing is to be learnt", async () => {
    const none = tokenDocuments([{ ids: [1, 2], learnt: [1, 0] }]);
    expect(Number.isNaN(await perplexity(engine(), none, { length: 10 }))).to.equal(true);
  });
});

describe("crossEntropy()", () => {
  it("is minus the logarithm of a token's probability", () => {
    const logits = Float32Array.of(1000, 1000 + Math.log(3));
    expect(crossEntropy(logits, 1)).to.be.closeTo(Math.log(4 / 3), 1e-4);
    expect(crossEntropy(logits, 0)).to.be.closeTo(Math.log(4), 1e-4);
  });
});
