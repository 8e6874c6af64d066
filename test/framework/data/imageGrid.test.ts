import { expect } from "chai";
import { describe, it } from "mocha";

import { textWidth, wrapText } from "../../../framework/data/bitmapFont.ts";
import { rgbImage, type RgbImage } from "../../../framework/data/image.ts";
import { imageGrid } from "../../../framework/data/imageGrid.ts";

const pixel = (value: number) => rgbImage(1, 1, new Uint8Array(3).fill(value));

/** The grid's first colour channel as rows of numbers. */
function reds({ width, height, data }: RgbImage): number[][] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (__, x) => data[(y * width + x) * 3]!),
  );
}

describe("imageGrid()", () => {
  it("places enlarged images with gaps and leaves missing ones empty", () => {
    const grid = imageGrid([[pixel(1), pixel(2)], [pixel(3)]], {
      gap: 1,
      upscale: 2,
      background: [9, 9, 9],
    });
    expect(reds(grid)).to.deep.equal([
      [9, 9, 9, 9, 9, 9, 9],
      [9, 1, 1, 9, 2, 2, 9],
      [9, 1, 1, 9, 2, 2, 9],
      [9, 9, 9, 9, 9, 9, 9],
      [9, 3, 3, 9, 9, 9, 9],
      [9, 3, 3, 9, 9, 9, 9],
      [9, 9, 9, 9, 9, 9, 9],
    ]);
  });

  it("draws labels beside and above", () => {
    const image = rgbImage(8, 8, new Uint8Array(192).fill(128));
    const grid = imageGrid([[image]], { gap: 1, rowLabels: ["I"], columnLabels: ["I"] });
    const art = reds(grid).map((row) =>
      row.map((v) => (v === 0 ? "#" : v === 128 ? "o" : ".")).join(""),
    );
    expect(art).to.deep.equal([
      "................",
      "........###.....",
      ".........#......",
      ".........#......",
      ".........#......",
      ".........#......",
      ".........#......",
      "........###.....",
      "................",
      "................",
      "................",
      "..###..oooooooo.",
      "...#...oooooooo.",
      "...#...oooooooo.",
      "...#...oooooooo.",
      "...#...oooooooo.",
      "...#...oooooooo.",
      "..###..oooooooo.",
      ".......oooooooo.",
      "................",
      "................",
    ]);
  });

  it("draws captions under images, each row as high as the longest", () => {
    const image = rgbImage(6, 1, new Uint8Array(18).fill(128));
    const captions = [["I", ""], ["I I"]];
    const grid = imageGrid([[image, image], [image]], { gap: 1, captions });
    const art = reds(grid).map((row) =>
      row.map((v) => (v === 0 ? "#" : v === 128 ? "o" : ".")).join(""),
    );
    const letter = ["..###..........", ...Array(5).fill("...#..........."), "..###.........."];
    const blank = (rows: number): string[] => Array(rows).fill(".".repeat(15));
    expect(art).to.deep.equal([
      ...blank(1),
      ".oooooo.oooooo.",
      ...[...blank(1), ...letter, ...blank(12)],
      ".oooooo........",
      ...[...blank(1), ...letter, ...blank(2), ...letter, ...blank(3)],
    ]);
  });

  it("refuses unequal sizes, nothing, and labels without a place", () => {
    expect(() => imageGrid([])).to.throw(RangeError, "got none");
    const tall = rgbImage(1, 2, new Uint8Array(6));
    expect(() => imageGrid([[pixel(1), tall]])).to.throw(RangeError, "1 x 1, got 1 x 2");
    expect(() => imageGrid([[pixel(1)]], { rowLabels: ["a", "b"] })).to.throw(RangeError, "row");
    const captions = [["a", "b"]];
    expect(() => imageGrid([[pixel(1)]], { captions })).to.throw(RangeError, "for each image");
  });
});

describe("wrapText()", () => {
  it("breaks at spaces, and inside words that are too long", () => {
    expect(wrapText("a sks penguin", 7)).to.deep.equal(["a sks", "penguin"]);
    expect(wrapText("background", 4)).to.deep.equal(["back", "grou", "nd"]);
    expect(wrapText("", 4)).to.deep.equal([]);
  });
});

describe("textWidth()", () => {
  it("counts no gap after the last letter", () => {
    expect(textWidth("ab", 2)).to.equal(22);
  });
});
