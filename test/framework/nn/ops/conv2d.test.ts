import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { conv2d, conv2dReference, type Conv2dOptions } from "../../../../framework/nn/ops/index.ts";
import {
  expectNumericGradients,
  expectSameGradients,
  normals,
  registeredGradients,
  tapeGradients,
} from "../../../support/gradients.ts";
import { expectClose } from "../../../support/tensors.ts";

const cases: { title: string; x: number[]; filter: number[]; options: Required<Conv2dOptions> }[] =
  [
    {
      title: "3 x 3 with even padding",
      x: [2, 3, 4, 5],
      filter: [2, 3, 3, 3],
      options: { strides: [1, 1], pads: [1, 1, 1, 1] },
    },
    {
      title: "stride 2, padded below and right",
      x: [1, 2, 4, 6],
      filter: [3, 2, 3, 3],
      options: { strides: [2, 2], pads: [0, 0, 1, 1] },
    },
    {
      title: "strides that leave a row over",
      x: [1, 2, 6, 5],
      filter: [2, 2, 3, 2],
      options: { strides: [2, 3], pads: [1, 0, 0, 1] },
    },
    {
      title: "1 x 1",
      x: [2, 3, 2, 3],
      filter: [4, 3, 1, 1],
      options: { strides: [1, 1], pads: [0, 0, 0, 0] },
    },
  ];

describe("conv2d()", () => {
  it("sums products under a filter and adds the bias", async () => {
    const x = tf.tensor([1, 2, 3, 4, 5, 6], [1, 1, 2, 3]);
    const filter = tf.tensor([1, 0, 0, 10], [1, 1, 2, 2]);
    const bias = tf.tensor([100]);
    const y = conv2d(x, filter, bias);
    await expectClose(y, [[[[151, 162]]]]);
    tf.dispose([x, filter, bias, y]);
  });

  it("keeps channels apart and pads top, left, bottom, right in this order", async () => {
    const x = tf.tensor([1, 10], [1, 2, 1, 1]);
    const filter = tf.tensor([2, 3], [1, 2, 1, 1]);
    const y = conv2d(x, filter, undefined, { pads: [1, 0, 0, 2] });
    await expectClose(y, [
      [
        [
          [0, 0, 0],
          [32, 0, 0],
        ],
      ],
    ]);
    tf.dispose([x, filter, y]);
  });

  for (const { title, x, filter, options } of cases) {
    it(`has the gradients of finite differences and of TF.js: ${title}`, async () => {
      const inputs = {
        x: normals("x", x),
        filter: normals("filter", filter),
        bias: normals("bias", filter.slice(0, 1)),
      };
      const run = (map: tf.NamedTensorMap): tf.Tensor =>
        conv2d(map["x"]!, map["filter"]!, map["bias"], options);
      const y = run(inputs);
      const dy = normals("dy", y.shape);
      await expectNumericGradients(run, inputs, dy);
      tf.tidy(() => {
        const reference = (map: tf.NamedTensorMap): tf.Tensor =>
          conv2dReference(map["x"]!, map["filter"]!, map["bias"], options);
        const expected = tapeGradients(reference, inputs, dy);
        expectSameGradients(tapeGradients(run, inputs, dy), expected);
        expectSameGradients(
          registeredGradients("SeedbedConv2d", inputs, [y], dy, {
            strides: [...options.strides],
            pads: [...options.pads],
          }),
          expected,
        );
      });
      tf.dispose([inputs, y, dy]);
    });
  }

  it("refuses channels that differ", () => {
    const [x, filter] = [tf.zeros([1, 2, 3, 3]), tf.zeros([4, 3, 1, 1])];
    expect(() => conv2d(x, filter)).to.throw(RangeError, "got [1, 2, 3, 3] and [4, 3, 1, 1]");
    tf.dispose([x, filter]);
  });

  it("refuses a filter that is larger than an image with its padding", () => {
    const [x, filter] = [tf.zeros([1, 2, 3, 3]), tf.zeros([4, 2, 4, 5])];
    const message = "images of 4 x 4, padding included, got 4 x 5";
    expect(() => conv2d(x, filter, undefined, { pads: [1, 0, 0, 1] })).to.throw(
      RangeError,
      message,
    );
    const whole = conv2d(x, filter, undefined, { pads: [1, 1, 0, 1] });
    expect(whole.shape).to.deep.equal([1, 4, 1, 1]);
    tf.dispose([x, filter, whole]);
  });
});
