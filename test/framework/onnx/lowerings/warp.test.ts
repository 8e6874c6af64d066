import * as tf from "@tensorflow/tfjs";
import { describe, it } from "mocha";

import * as warp from "../../../../framework/onnx/lowerings/warp.ts";
import { floats, normal, onOrt, parityTests, tensorOf, type Row } from "../../../support/parity.ts";
import { expectClose } from "../../../support/tensors.ts";

type Center = number | [number, number];
type Fill = number | [number, number, number];

const turns: [string, number, Fill, Center][] = [
  ["a quarter", Math.PI / 2, 0, 0.5],
  ["a little, around a corner", 0.3, -1, [0.1, 0.9]],
  ["backwards, filled with a color", -2, [1, 2, 3], 0.5],
  ["not at all", 0, 0, 0.5],
];
const rotations = turns.flatMap(([title, radians, fill, center]) =>
  [3, 4].map((channels): Row => ({
    kernel: "RotateWithOffset",
    title: `${title}, ${channels} channels`,
    inputs: [normal([2, 5, 6, channels])],
    run: (x) => tf.image.rotateWithOffset(x!.as4D(2, 5, 6, channels), radians, fill, center),
  })),
);

const transforms: [string, number[]][] = [
  ["nothing", [1, 0, 0, 0, 1, 0, 0, 0]],
  ["a shift", [1, 0, -2.5, 0, 1, 1.25, 0, 0]],
  ["a long shift", [1, 0, 17.5, 0, 1, -23.25, 0, 0]],
  ["a turn", [0.8, -0.6, 1, 0.6, 0.8, -2, 0, 0]],
  ["a projection", [1.2, 0.1, -1, -0.1, 0.9, 0.5, 0.05, -0.02]],
  ["a horizon", [1, 0, 0, 0, 1, 0, -0.5, 0]],
];
const modes = ["constant", "nearest", "reflect", "wrap"] as const;
const methods = ["nearest", "bilinear"] as const;
const transformations = transforms.flatMap(([title, factors]) =>
  modes.flatMap((mode) =>
    methods.map((method): Row => ({
      kernel: "Transform",
      title: `${title}, ${method}, ${mode}`,
      inputs: [normal([1, 5, 6, 2]), floats(factors, [1, 8])],
      run: (x, t) => tf.image.transform(x!.as4D(1, 5, 6, 2), t!.as2D(1, 8), method, mode, 9),
    })),
  ),
);
transformations.push(
  ...modes.map((mode): Row => ({
    kernel: "Transform",
    title: `one pixel to another size, ${mode}`,
    inputs: [normal([1, 1, 1, 3]), floats([1, 0, -1, 0, 1, 0.5, 0, 0], [1, 8])],
    run: (x, t) =>
      tf.image.transform(x!.as4D(1, 1, 1, 3), t!.as2D(1, 8), "nearest", mode, 9, [3, 4]),
  })),
);

parityTests("warp.ts", warp, [...rotations, ...transformations]);

describe("Transform", () => {
  onOrt();
  for (const count of [1, 2]) {
    it(`takes all images with ${count} transforms, where TF.js's CPU kernel takes one`, async () => {
      const images = tf.tidy(() => tensorOf(normal([2, 4, 5, 2])).as4D(2, 4, 5, 2));
      const factors = [1, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, -1, 0, 0];
      const all = tf.tensor2d(factors.slice(0, 8 * count), [count, 8]);
      const [together, apart] = tf.tidy(() => {
        const each = [0, 1].map((i) => {
          const one = all.slice([Math.min(i, count - 1), 0], [1, 8]);
          return tf.image.transform(images.slice([i, 0, 0, 0], [1, 4, 5, 2]), one, "bilinear");
        });
        return [tf.image.transform(images, all, "bilinear"), tf.concat(each)];
      });
      await expectClose(together!, apart!, 0);
      tf.dispose([images, all, together!, apart!]);
    });
  }
});
