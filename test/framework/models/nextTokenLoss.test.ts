import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { nextTokenLoss, nextTokens } from "../../../framework/models/nextTokenLoss.ts";

describe("nextTokenLoss()", () => {
  it("takes each label by the logits before it, and none after the last", () => {
    const [right, wrong] = [10, 0];
    const logits = tf.tensor3d([[[wrong, right], [right, wrong], [wrong, right]]]); // prettier-ignore
    const labels = tf.tensor2d([[0, 1, 1]], [1, 3], "int32");
    const loss = nextTokenLoss(logits, labels);
    const [hit, miss] = [Math.log(1 + Math.exp(-10)), Math.log(1 + Math.exp(10))];
    expect(loss.dataSync()[0]).to.be.closeTo((hit + miss) / 2, 1e-5);
    tf.dispose([logits, labels, loss]);
  });

  it("ignores -100, also when there is nothing else", () => {
    const logits = tf.zeros([1, 3, 4]);
    const some = tf.tensor2d([[0, -100, 1]], [1, 3], "int32");
    const none = tf.tensor2d([[0, -100, -100]], [1, 3], "int32");
    const losses = [nextTokenLoss(logits, some), nextTokenLoss(logits, none)];
    expect(losses[0]!.dataSync()[0]).to.be.closeTo(Math.log(4), 1e-6);
    expect(losses[1]!.dataSync()[0]).to.equal(0);
    tf.dispose([logits, some, none, losses]);
  });
});

describe("nextTokens()", () => {
  it("moves labels one place forward", () => {
    const labels = tf.tensor2d([[5, 6, 7]], [1, 3], "int32");
    const moved = nextTokens(labels);
    expect(moved.dtype).to.equal("int32");
    expect([...moved.dataSync()]).to.deep.equal([6, 7, -100]);
    tf.dispose([labels, moved]);
  });
});
