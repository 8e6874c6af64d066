import { expect } from "chai";
import { describe, it } from "mocha";
import { hostTensor, rgbImage } from "seedbed";

import {
  confusionTable,
  mistakesGrid,
  tableLines,
  verdictsOf,
} from "../../../experiments/imageClassifier/results.ts";

const picture = rgbImage(8, 8, new Uint8Array(8 * 8 * 3));
const verdict = (label: number, predicted: number) => ({ picture, label, predicted });
const classes = ["a", "bb"];

describe("verdictsOf()", () => {
  it("has one for each picture, batch after batch", () => {
    const batch = (label: number[], predicted: number[]) => ({
      image: hostTensor(new Float32Array(label.length * 3).fill(1), [label.length, 3, 1, 1]),
      label: hostTensor(Int32Array.from(label), [label.length]),
      predicted: hostTensor(Int32Array.from(predicted), [label.length]),
    });
    const white = rgbImage(1, 1, Uint8Array.of(255, 255, 255));
    expect(verdictsOf([batch([0, 1], [0, 0]), batch([1], [1])])).to.deep.equal([
      { picture: white, label: 0, predicted: 0 },
      { picture: white, label: 1, predicted: 0 },
      { picture: white, label: 1, predicted: 1 },
    ]);
  });
});

describe("confusionTable()", () => {
  it("has a row for each class", () => {
    const verdicts = [verdict(0, 0), verdict(0, 1), verdict(0, 0), verdict(1, 1)];
    const table = confusionTable(classes, verdicts);
    expect(table.rows).to.deep.equal([
      ["a", 2, 1],
      ["bb", 0, 1],
    ]);
    expect(tableLines(table)).to.deep.equal([
      "    a  bb", //
      "a   2   1",
      "bb  0   1",
    ]);
  });
});

describe("mistakesGrid()", () => {
  it("has a row for each kind, and nothing to show without mistakes", () => {
    const [right, wrong] = [verdict(0, 0), verdict(0, 1)];
    const one = mistakesGrid(classes, [wrong, right])!;
    const two = mistakesGrid(classes, [wrong, verdict(1, 0), wrong])!;
    expect(two.height - one.height).to.equal(2 * 8 + 4);
    expect(two.width - one.width).to.equal(2 * 8 + 4);
    expect(mistakesGrid(classes, [right])).to.equal(undefined);
  });
});
