import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { embedding } from "../../../../framework/nn/ops/index.ts";
import {
  expectNumericGradients,
  expectSameGradients,
  normals,
  registeredGradients,
  tapeGradients,
} from "../../../support/gradients.ts";
import { expectClose } from "../../../support/tensors.ts";

describe("embedding()", () => {
  it("looks up a row for every id", async () => {
    const table = tf.tensor([1, 2, 3, 4, 5, 6], [3, 2]);
    const ids = tf.tensor([2, 0, 2], [1, 3], "int32");
    const y = embedding(table, ids);
    await expectClose(y, [
      [
        [5, 6],
        [1, 2],
        [5, 6],
      ],
    ]);
    tf.dispose([table, ids, y]);
  });

  it("adds up the gradients of a row's uses", async () => {
    const table = normals("table", [4, 3]);
    const ids = tf.tensor([1, 3, 1, 1, 0, 3], [2, 3], "int32");
    const dy = normals("dy", [2, 3, 3]);
    const run = (map: tf.NamedTensorMap): tf.Tensor => embedding(map["table"]!, ids);
    await expectNumericGradients(run, { table }, dy);
    tf.tidy(() => {
      const expected = tapeGradients(run, { table }, dy);
      const byTf = tapeGradients((map) => tf.gather(map["table"]!, ids), { table }, dy);
      expectSameGradients(expected, byTf);
      const inputs = { table, ids };
      const outputs = [run({ table })];
      expectSameGradients(
        registeredGradients("SeedbedEmbedding", inputs, outputs, dy, {}, ["table"]),
        expected,
      );
    });
    tf.dispose([table, ids, dy]);
  });

  it("refuses a table of another rank", () => {
    const [table, ids] = [tf.zeros([3]), tf.zeros([1], "int32")];
    expect(() => embedding(table, ids)).to.throw(RangeError, "got [3]");
    tf.dispose([table, ids]);
  });
});
