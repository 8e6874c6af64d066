import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../framework/base/random.ts";
import {
  drawTransform,
  identityTransform,
  transformImage,
  visibleBounds,
} from "../../../framework/data/augmentation.ts";
import { rgbaImage, type RgbaImage } from "../../../framework/data/image.ts";

/** One opaque red pixel on transparent green. */
function dot(size: number, x: number, y: number): RgbaImage {
  const data = new Uint8Array(size * size * 4);
  for (let i = 1; i < data.length; i += 4) data[i] = 255;
  data.set([255, 0, 0, 255], (y * size + x) * 4);
  return rgbaImage(size, size, data);
}

/** Positions and alpha of what is visible. */
function visible(image: RgbaImage): [x: number, y: number, alpha: number][] {
  const found: [number, number, number][] = [];
  for (let i = 0; i < image.width * image.height; i++) {
    const alpha = image.data[i * 4 + 3]!;
    if (alpha > 0) found.push([i % image.width, Math.floor(i / image.width), alpha]);
  }
  return found;
}

describe("transformImage()", () => {
  const cases = [
    { title: "identity keeps every pixel", change: {}, want: [[3, 1, 255]] },
    { title: "flip mirrors left and right", change: { flip: true }, want: [[1, 1, 255]] },
    { title: "90 degrees turn clockwise", change: { rotationDegrees: 90 }, want: [[3, 3, 255]] },
    {
      title: "a positive shift moves right and down",
      change: { shiftX: 0.2, shiftY: 0.4 },
      want: [[4, 3, 255]],
    },
    {
      title: "flip comes before the turn",
      change: { flip: true, rotationDegrees: 90 },
      want: [[3, 1, 255]],
    },
    {
      title: "half a pixel is shared between two",
      change: { shiftX: 0.1 },
      want: [
        [3, 1, 128],
        [4, 1, 128],
      ],
    },
  ];
  for (const { title, change, want } of cases) {
    it(title, () => {
      const moved = transformImage(dot(5, 3, 1), { ...identityTransform, ...change }, 5);
      expect(visible(moved)).to.deep.equal(want);
    });
  }

  it("turns without distortion in a frame that is not square", () => {
    const data = new Uint8Array(9 * 5 * 4);
    for (const x of [3, 4, 5]) data.set([255, 0, 0, 255], (2 * 9 + x) * 4); // a bar in the middle
    const turned = transformImage(
      rgbaImage(9, 5, data),
      { ...identityTransform, rotationDegrees: 90 },
      { width: 9, height: 5 },
    );
    expect([turned.width, turned.height]).to.deep.equal([9, 5]);
    expect(visible(turned)).to.deep.equal([
      [4, 1, 255],
      [4, 2, 255],
      [4, 3, 255],
    ]);
  });

  it("never mixes in the colour under transparent pixels", () => {
    const turned = transformImage(
      dot(9, 4, 4),
      { ...identityTransform, rotationDegrees: 31, scale: 1.7 },
      9,
    );
    expect(visible(turned).length).to.be.above(1);
    for (const [x, y] of visible(turned)) {
      const i = (y * 9 + x) * 4;
      expect([...turned.data.subarray(i, i + 3)]).to.deep.equal([255, 0, 0]);
    }
  });

  it("averages two by two pixels of a source of twice the size", () => {
    const data = new Uint8Array(4 * 4 * 4).fill(255);
    for (const [i, value] of [0, 100, 40, 60].entries()) {
      data.fill(value, [0, 4, 16, 20][i]!, [0, 4, 16, 20][i]! + 3);
    }
    expect(transformImage(rgbaImage(4, 4, data), identityTransform, 2).data[0]).to.equal(50);
  });

  it("scales about the centre", () => {
    const full = rgbaImage(8, 8, new Uint8Array(256).fill(255));
    const half = transformImage(full, { ...identityTransform, scale: 0.5 }, 8);
    expect(visibleBounds(half)).to.deep.equal({ left: 0.25, top: 0.25, right: 0.75, bottom: 0.75 });
  });
});

describe("drawTransform()", () => {
  const options = { flip: true, scale: [0.75, 1.1], rotationDegrees: 12, shift: 0.1 } as const;

  it("stays in its ranges and repeats with its stream", () => {
    for (let step = 0; step < 200; step++) {
      const drawn = drawTransform(new RandomStream(7, "test", step), options);
      expect(drawn.scale).to.be.within(0.75, 1.1);
      expect(Math.abs(drawn.rotationDegrees)).to.be.at.most(12);
      expect(Math.abs(drawn.shiftX)).to.be.at.most(0.1);
      expect(drawTransform(new RandomStream(7, "test", step), options)).to.deep.equal(drawn);
    }
  });

  it("does nothing without options", () => {
    expect(drawTransform(new RandomStream(1, "test"), {})).to.deep.include({
      flip: false,
      scale: 1,
    });
  });

  it("keeps a box inside the frame", () => {
    const keepInside = { left: 0, top: 0.3, right: 0.6, bottom: 0.7 };
    const size = 60;
    const data = new Uint8Array(size * size * 4);
    for (let y = 18; y < 42; y++) data.fill(255, y * size * 4, (y * size + 36) * 4);
    const image = rgbaImage(size, size, data);
    const area = (picture: RgbaImage) =>
      visible(picture).reduce((sum, [, , a]) => sum + a / 255, 0);
    for (let step = 0; step < 50; step++) {
      const drawn = drawTransform(new RandomStream(3, "test", step), {
        ...options,
        rotationDegrees: 0,
        keepInside,
      });
      const whole = 36 * 24 * drawn.scale ** 2;
      expect(area(transformImage(image, drawn, size))).to.be.closeTo(whole, whole * 0.03);
    }
  });

  it("lets a full picture grow no larger than the frame", () => {
    const keepInside = { left: 0, top: 0, right: 1, bottom: 1 };
    for (let step = 0; step < 50; step++) {
      const drawn = drawTransform(new RandomStream(3, "test", step), { ...options, keepInside });
      expect(drawn.scale).to.be.within(0.75, 1);
      expect(Math.abs(drawn.shiftX)).to.be.at.most((1 - drawn.scale) / 2 + 1e-9);
    }
  });
});

describe("visibleBounds()", () => {
  it("is the box around what is visible", () => {
    expect(visibleBounds(dot(4, 1, 2))).to.deep.equal({
      left: 0.25,
      top: 0.5,
      right: 0.5,
      bottom: 0.75,
    });
  });
});
