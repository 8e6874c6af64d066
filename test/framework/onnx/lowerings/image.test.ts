import * as tf from "@tensorflow/tfjs";
import { describe, it } from "mocha";

import * as image from "../../../../framework/onnx/lowerings/image.ts";
import {
  floats,
  ints,
  normal,
  onOrt,
  parityTests,
  tensorOf,
  type Row,
} from "../../../support/parity.ts";
import { expectClose } from "../../../support/tensors.ts";

const sizes: [number, number][] = [
  [8, 10],
  [2, 3],
  [5, 7],
  [1, 1],
];
const samplings = [
  [false, false],
  [true, false],
  [false, true],
] as const;
const resizes = {
  ResizeBilinear: tf.image.resizeBilinear,
  ResizeNearestNeighbor: tf.image.resizeNearestNeighbor,
};

const rows: Row[] = Object.entries(resizes).flatMap(([kernel, resize]) => {
  const forward = samplings.flatMap(([align, half]) =>
    sizes.map((size): Row => ({
      kernel,
      title: `to ${size.join(" x ")}, corners ${align}, half pixels ${half}`,
      inputs: [normal([2, 4, 5, 3])],
      run: (x) => resize(x!.as4D(2, 4, 5, 3), size, align, half),
      gradient: false, // TF.js's has a wrong shape or none: see the square images below
    })),
  );
  const gradients = samplings.slice(0, 2).flatMap(([align]) =>
    sizes.map(([length]): Row => ({
      kernel: `${kernel}Grad`,
      title: `4 x 4 to ${length} x ${length}, corners ${align}`,
      inputs: [normal([1, 4, 4, 3]), normal([1, length, length, 3], "dy")],
      run: (images, dy) =>
        tf
          .engine()
          .runKernel<tf.Tensor>(
            `${kernel}Grad`,
            { images: images!, dy: dy! },
            { alignCorners: align },
          ),
    })),
  );
  const through: Row = {
    kernel,
    title: "with its gradient",
    inputs: [normal([1, 4, 4, 2])],
    run: (x) => resize(x!.as4D(1, 4, 4, 2), [6, 6]),
  };
  const integers: Row = {
    kernel,
    title: "int32",
    inputs: [ints([0, 10, 20, 30], [1, 2, 2, 1])],
    run: (x) => resize(x!.as4D(1, 2, 2, 1), [3, 3]),
  };
  const unclean: Row = {
    kernel,
    title: "NaN stays where it is",
    inputs: [floats([NaN, 1, 2, 3, 4, 5, 6, 7, Infinity], [1, 3, 3, 1])],
    run: (x) => resize(x!.as4D(1, 3, 3, 1), [6, 6]),
    gradient: false, // of an infinity
  };
  return [...forward, ...gradients, through, integers, unclean];
});

rows.push({
  kernel: "FlipLeftRight",
  title: "float32",
  inputs: [normal([2, 3, 4, 2])],
  run: (x) => tf.image.flipLeftRight(x!.as4D(2, 3, 4, 2)),
});

parityTests("image.ts", image, rows);

describe("ResizeNearestNeighborGrad", () => {
  onOrt();
  it("takes each image's own gradient, where TF.js's CPU kernel takes another's", async () => {
    const gradients = tf.tidy(() => {
      const images = tf.zeros([2, 3, 2, 1]);
      const dy = tensorOf(normal([2, 6, 4, 1]));
      const kernel = "ResizeNearestNeighborGrad";
      const actual = tf
        .engine()
        .runKernel<tf.Tensor>(kernel, { images, dy }, { alignCorners: false });
      const sums = dy.reshape([2, 3, 2, 2, 2]).sum([2, 4]).reshape([2, 3, 2, 1]);
      return [actual, sums];
    });
    await expectClose(gradients[0]!, gradients[1]!);
    tf.dispose(gradients);
  });
});
