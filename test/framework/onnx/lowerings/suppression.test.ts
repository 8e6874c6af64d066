import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { useBackend } from "../../../../framework/backend/register.ts";
import * as suppression from "../../../../framework/onnx/lowerings/suppression.ts";
import {
  floats,
  onOrt,
  parityTests,
  tensorOf,
  uniform,
  type HostInput,
  type Row,
} from "../../../support/parity.ts";

interface Case {
  title: string;
  boxes: HostInput;
  scores: HostInput;
  size: number;
  iou?: number;
  score?: number;
  padded?: boolean;
}

/** Three pairs, each of two boxes that overlap. */
const pairs = floats(
  [
    [0, 0, 1, 1],
    [0, 0.1, 1, 1.1],
    [0, 10, 1, 11],
    [0, 10.1, 1, 11.1],
    [0, 100, 1, 101],
    [1, 101.1, 0, 100.1], // corners exchanged
  ].flat(),
  [6, 4],
);
const scores = floats([0.9, 0.75, 0.6, 0.95, 0.5, 0.3]);
const halves = floats([0, 0, 1, 1, 0, 0, 1, 0.5, 0, 0.5, 1, 1], [3, 4]);
const equal = floats([0.5, 0.5, 0.5]);

const cases: Case[] = [
  { title: "three of six", boxes: pairs, scores, size: 3 },
  { title: "more places than boxes left", boxes: pairs, scores, size: 6 },
  { title: "the two best", boxes: pairs, scores, size: 2 },
  { title: "a score that is not above the least", boxes: pairs, scores, size: 5, score: 0.6 },
  {
    title: "a score just above the least",
    boxes: pairs,
    scores: floats([0.1, 0.3, 0.4, 0.4, 0.5, 0.4]),
    size: 5,
    score: 0.4,
  },
  { title: "none", boxes: pairs, scores, size: 4, score: 2 },
  { title: "an overlap of the threshold itself", boxes: halves, scores: equal, size: 3, iou: 0.5 },
  { title: "an overlap below the threshold", boxes: halves, scores: equal, size: 3, iou: 0.51 },
  {
    title: "boxes without area",
    boxes: floats([0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1], [3, 4]),
    scores: equal,
    size: 3,
  },
  {
    title: "many",
    boxes: uniform([200, 4], 0, 1, "boxes"),
    scores: uniform([200], 0, 1, "scores"),
    size: 50,
    iou: 0.3,
    score: 0.2,
  },
  { title: "without padding", boxes: pairs, scores, size: 6, padded: false },
  { title: "a threshold of 0", boxes: pairs, scores, size: 6, iou: 0 },
];

const rows = cases.map(
  ({ title, boxes, scores: given, size, iou = 0.5, score, padded = true }): Row => ({
    kernel: "NonMaxSuppressionV4",
    title,
    inputs: [boxes, given],
    run: (b, s) => {
      const [count = 0] = s!.shape;
      const { selectedIndices, validOutputs } = tf.image.nonMaxSuppressionPadded(
        b!.as2D(count, 4),
        s!.as1D(),
        size,
        iou,
        score,
        padded,
      );
      return [selectedIndices!, validOutputs!];
    },
    fallback: !padded || iou === 0,
  }),
);

parityTests("suppression.ts", suppression, rows);

describe("NonMaxSuppressionV4", () => {
  onOrt();
  it("compiles, however many boxes are left", async () => {
    const { compile } = await useBackend("ort");
    const best = compile((inputs: { boxes: tf.Tensor; scores: tf.Tensor }) => {
      const boxes = inputs.boxes.as2D(6, 4);
      const chosen = tf.image.nonMaxSuppressionPadded(
        boxes,
        inputs.scores.as1D(),
        4,
        0.5,
        0.7,
        true,
      );
      return { indices: chosen.selectedIndices!, count: chosen.validOutputs! };
    });
    const inputs = { boxes: tensorOf(pairs), scores: tensorOf(scores) };
    const few = await best(inputs);
    const more = { boxes: inputs.boxes, scores: tf.ones([6]) };
    const many = await best(more);
    expect([...few.indices.dataSync(), ...few.count.dataSync()]).to.deep.equal([3, 0, 0, 0, 2]);
    expect([...many.indices.dataSync(), ...many.count.dataSync()]).to.deep.equal([0, 2, 4, 0, 3]);
    best.dispose();
    tf.dispose([inputs, few, more.scores, many]);
  });
});
