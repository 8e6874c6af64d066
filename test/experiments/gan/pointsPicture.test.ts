import { expect } from "chai";
import { describe, it } from "mocha";

import { pointsPicture } from "../../../experiments/gan/pointsPicture.ts";

describe("pointsPicture()", () => {
  it("draws dots, darker where they are many, and leaves out what lies outside", () => {
    const { width, data } = pointsPicture(Float32Array.of(0.5, 0.5, -0.5, 0.5, -0.5, 0.5, 2, 0), 1);
    const at = (x: number, y: number): number => data[(y * width + x) * 3]!;
    const [left, right, top] = [width / 4, (width * 3) / 4, width / 4 - 1];
    expect(at(right, top)).to.equal(255 - 70);
    expect(at(left, top)).to.equal(255 - 140);
    expect(at(right, width - 1 - top)).to.equal(255);
    expect(data.filter((byte) => byte < 255).length).to.equal(2 * 5 * 3);
  });
});
