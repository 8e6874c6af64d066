import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { createLoader, nextTokenLoss, packedDataset, tokenDocuments, toTensors } from "seedbed";

import { promptLoss } from "../../../experiments/nano/promptLoss.ts";

const classes = 9;
/** A text, and a dialogue of which the last two tokens are learnt; one place is left in the row. */
const documents = tokenDocuments([{ ids: [1, 2, 3] }, { ids: [4, 5, 6, 7], learnt: [0, 0, 1, 1] }]);

describe("promptLoss()", () => {
  let batch: tf.NamedTensorMap;
  let logits: tf.Tensor3D;
  beforeEach(async () => {
    const dataset = packedDataset(documents, { length: 8, padId: 0 });
    batch = toTensors(await createLoader({ dataset, batchSize: 1, seed: 1 }).batch(0, 0));
    logits = tf.randomNormal([1, 8, classes], 0, 1, "float32", 7);
  });
  afterEach(() => tf.dispose([batch, logits]));

  const lossOf = (promptWeight: number): number =>
    tf.tidy(() => promptLoss(logits, batch, promptWeight).loss.dataSync()[0]!);
  /** Mean over the tokens that have one of these labels. */
  const meanOf = (...labels: number[]): number =>
    tf.tidy(() => nextTokenLoss(logits, tf.tensor([labels], [1, 8], "int32")).dataSync()[0]!);
  const none = -100;

  it("is the labels' cross entropy where tokens that are only seen weigh nothing", () => {
    expect(lossOf(0)).to.be.closeTo(meanOf(none, 2, 3, none, none, 6, 7, none), 1e-6);
  });

  it("is that of all tokens but each document's first where all weigh alike", () => {
    expect(lossOf(1)).to.be.closeTo(meanOf(none, 2, 3, none, 5, 6, 7, none), 1e-6);
  });

  it("weighs between", () => {
    const [learnt, seen] = [lossOf(0), meanOf(none, none, none, none, 5, none, none, none)];
    expect(lossOf(0.5)).to.be.closeTo((4 * learnt + 0.5 * seen) / 4.5, 1e-6);
  });

  it("tells what labels alone have, whatever the weight", () => {
    const told = tf.tidy(() => promptLoss(logits, batch, 0.5).crossEntropy.dataSync()[0]!);
    expect(told).to.be.closeTo(lossOf(0), 1e-6);
  });

  it("is 0, not NaN, where nothing is learnt", () => {
    const labels = tf.fill([1, 8], none, "int32");
    const loss = tf.tidy(() => promptLoss(logits, { ...batch, labels }, 0).loss.dataSync()[0]);
    expect(loss).to.equal(0);
    labels.dispose();
  });
});
