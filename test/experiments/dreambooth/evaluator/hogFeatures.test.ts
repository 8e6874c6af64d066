import { expect } from "chai";
import { describe, it } from "mocha";
import { rgbImage, type Rgb, type RgbImage } from "seedbed";

import {
  colourHistogram,
  gradientHistogram,
} from "../../../../experiments/dreambooth/evaluator/hogFeatures.ts";

function picture(colourAt: (x: number, y: number) => Rgb): RgbImage {
  const data = new Uint8Array(64 * 64 * 3);
  for (let i = 0; i < 64 * 64; i++) data.set(colourAt(i % 64, Math.floor(i / 64)), i * 3);
  return rgbImage(64, 64, data);
}

describe("gradientHistogram()", () => {
  it("finds a vertical edge in its cells, as a gradient to the right", () => {
    const histogram = gradientHistogram(picture((x) => (x < 20 ? [0, 0, 0] : [255, 255, 255])));
    const filled = [...histogram.keys()].filter((i) => histogram[i]! > 0);
    // Column 2 of 8 (pixels 16 to 23), each of 8 rows, the first of 9 directions.
    expect(filled).to.deep.equal(Array.from({ length: 8 }, (_, row) => (row * 8 + 2) * 9));
    expect(Math.hypot(...histogram)).to.be.closeTo(1, 1e-6);
  });

  it("takes opposite edges as one direction, and a slant between two", () => {
    const dark = gradientHistogram(picture((x) => (x < 20 ? [0, 0, 0] : [255, 255, 255])));
    const light = gradientHistogram(picture((x) => (x < 20 ? [255, 255, 255] : [0, 0, 0])));
    expect(light).to.deep.equal(dark);
    const slant = gradientHistogram(picture((x, y) => [x + y, x + y, x + y]));
    const bins = slant.slice(0, 9);
    expect([...bins.keys()].filter((bin) => bins[bin]! > 0)).to.deep.equal([2, 3]); // 45 degrees
  });

  it("is zero for a plain picture", () => {
    expect(Math.max(...gradientHistogram(picture(() => [9, 9, 9])))).to.equal(0);
  });
});

describe("colourHistogram()", () => {
  it("counts the figure's colours, whatever is behind it", () => {
    const figure = (background: Rgb): RgbImage =>
      picture((x, y) => {
        if (x < 16 || x >= 48 || y < 16 || y >= 48) return background;
        return x < 40 ? [255, 0, 0] : [0, 255, 0];
      });
    const histogram = colourHistogram(figure([255, 255, 255]));
    expect(histogram[7 * 64]).to.be.closeTo(Math.sqrt(0.75), 1e-6);
    expect(histogram[7 * 8]).to.be.closeTo(0.5, 1e-6);
    expect(colourHistogram(figure([0, 0, 255]))).to.deep.equal(histogram);
  });

  it("is zero for a plain picture", () => {
    expect(Math.max(...colourHistogram(picture(() => [9, 9, 9])))).to.equal(0);
  });
});
