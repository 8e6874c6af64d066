import * as tf from "@tensorflow/tfjs";

import * as cropAndResize from "../../../../framework/onnx/lowerings/cropAndResize.ts";
import {
  floats,
  ints,
  normal,
  parityTests,
  uniform,
  type HostInput,
  type Row,
} from "../../../support/parity.ts";

interface Case {
  title: string;
  image?: HostInput;
  boxes: HostInput;
  which: number[];
  size: [number, number];
}

const box = (...corners: number[]): HostInput => floats(corners, [corners.length / 4, 4]);
const cases: Case[] = [
  { title: "the whole image", boxes: box(0, 0, 1, 1), which: [0], size: [5, 4] },
  {
    title: "boxes of several images",
    boxes: uniform([3, 4], 0, 1, "boxes"),
    which: [1, 0, 1],
    size: [3, 7],
  },
  { title: "upside down", boxes: box(1, 0.9, 0.1, 0.2), which: [0], size: [4, 3] },
  {
    title: "beyond the image",
    boxes: box(-0.5, -0.2, 1.3, 0.7, 1.5, 1.5, 2, 2),
    which: [0, 1],
    size: [6, 5],
  },
  { title: "one pixel", boxes: box(0.2, 0.3, 0.7, 0.5), which: [1], size: [1, 1] },
  {
    title: "an image that there is not",
    boxes: box(0, 0, 1, 1, -1, 0, 1, 1, 0, 0, 1, 1),
    which: [2, -1, 1],
    size: [3, 3],
  },
  { title: "NaN", boxes: box(NaN, 0, 1, 1, 0, NaN, 1, 2), which: [0, 0], size: [3, 3] },
  {
    title: "infinite pixels",
    image: floats([Infinity, 1, -Infinity, NaN, 2, 3], [1, 2, 3, 1]),
    boxes: box(0, 0, 1, 1),
    which: [0],
    size: [4, 5],
  },
  {
    title: "int32",
    image: ints([0, 10, 20, 30, 40, 50], [1, 2, 3, 1]),
    boxes: box(0, 0, 1, 1),
    which: [0],
    size: [4, 5],
  },
];

const rows = cases.flatMap(({ title, image = normal([2, 5, 4, 3]), boxes, which, size }) =>
  (["bilinear", "nearest"] as const).map((method): Row => ({
    kernel: "CropAndResize",
    title: `${title}, ${method}`,
    inputs: [image, boxes, ints(which)],
    run: (x, corners, numbers) => {
      const [a = 1, b = 1, c = 1, d = 1] = x!.shape;
      return tf.image.cropAndResize(
        x!.as4D(a, b, c, d),
        corners!.as2D(which.length, 4),
        numbers!.as1D(),
        size,
        method,
        7,
      );
    },
  })),
);

parityTests("cropAndResize.ts", cropAndResize, rows);
