import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import sharp, { type Sharp } from "sharp";

import { InputError } from "../../../framework/base/errors.ts";
import {
  compositeOn,
  cropImage,
  cropSquare,
  decodeImage,
  encodePng,
  listImages,
  readImage,
  readImageInfo,
  readImages,
  resizeImage,
  rgbaImage,
  rgbImage,
} from "../../../framework/data/image.ts";
import { rejection } from "./rejection.ts";

const red = [200, 30, 40, 255];

function solid(pixel: readonly number[], width = 4, height = 4): Uint8Array {
  return Uint8Array.from({ length: width * height * pixel.length }, (_, i) => {
    return pixel[i % pixel.length]!;
  });
}

function encoder(pixel: readonly number[]): Sharp {
  const channels = pixel.length === 3 ? 3 : 4;
  return sharp(solid(pixel), { raw: { width: 4, height: 4, channels } });
}

describe("decodeImage()", () => {
  const grey = [90, 90, 90, 255];
  const cases: [file: string, () => Promise<Uint8Array>, pixel: number[]][] = [
    ["3 uchar png", () => encoder([200, 30, 40]).png().toBuffer(), red],
    ["4 uchar png", () => encoder([200, 30, 40, 128]).png().toBuffer(), [200, 30, 40, 128]],
    ["1 uchar png", () => encoder([90, 90, 90]).toColourspace("b-w").png().toBuffer(), grey],
    [
      "2 uchar png",
      () => encoder([90, 90, 90, 77]).toColourspace("b-w").png().toBuffer(),
      [90, 90, 90, 77],
    ],
    ["3 ushort png", () => encoder([200, 30, 40]).toColourspace("rgb16").png().toBuffer(), red],
    ["1 ushort png", () => encoder([90, 90, 90]).toColourspace("grey16").png().toBuffer(), grey],
    ["4 uchar webp", () => encoder([9, 8, 7, 6]).webp({ lossless: true }).toBuffer(), [9, 8, 7, 6]],
    ["4 uchar tiff", () => encoder(red).tiff({ compression: "lzw" }).toBuffer(), red],
  ];
  for (const [file, encode, pixel] of cases) {
    it(`reads ${file} as 8-bit RGBA`, async () => {
      const bytes = await encode();
      const { channels, depth, format } = await sharp(bytes).metadata();
      expect(`${channels} ${depth} ${format}`, "what the fixture holds").to.equal(file);
      const image = await decodeImage(bytes);
      expect([image.width, image.height, image.channels]).to.deep.equal([4, 4, 4]);
      expect([...image.data]).to.deep.equal([...solid(pixel)]);
    });
  }

  it("converts a CMYK JPEG to colours near the original", async () => {
    const jpeg = await encoder([200, 30, 40]).toColourspace("cmyk").jpeg().toBuffer();
    expect((await sharp(jpeg).metadata()).channels, "channels in the file").to.equal(4);
    const [r, g, b, alpha] = (await decodeImage(jpeg)).data;
    expect(alpha).to.equal(255);
    expect(r!).to.be.within(170, 230); // the press profile holds fewer colours than the screen's
    expect(Math.max(g!, b!)).to.be.below(80);
  });

  it("applies the EXIF orientation", async () => {
    const pixels = Uint8Array.of(255, 0, 0, 0, 255, 0); // red, then green, side by side
    const turned = await sharp(pixels, { raw: { width: 2, height: 1, channels: 3 } })
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    const image = await decodeImage(turned);
    expect([image.width, image.height]).to.deep.equal([1, 2]);
    expect([...image.data]).to.deep.equal([255, 0, 0, 255, 0, 255, 0, 255]);
  });

  for (const [orientation, where] of [
    [1, "top"],
    [3, "bottom"],
    [6, "right"],
    [8, "left"],
  ] as const) {
    it(`turns a photograph of EXIF orientation ${orientation}: its first row is at the ${where}`, async () => {
      const white = { width: 32, height: 8, channels: 3, background: "white" } as const;
      const jpeg = await sharp({ create: { ...white, height: 32, background: "black" } })
        .composite([{ input: { create: white }, left: 0, top: 0 }])
        .withMetadata({ orientation })
        .jpeg({ quality: 95 })
        .toBuffer();
      const { data } = await decodeImage(jpeg);
      const at = (x: number, y: number) => data[(y * 32 + x) * 4]!;
      const edges = { top: at(16, 2), bottom: at(16, 29), left: at(2, 16), right: at(29, 16) };
      for (const [edge, value] of Object.entries(edges)) {
        expect(value > 128, `${edge} is bright`).to.equal(edge === where);
      }
    });
  }

  it("refuses a picture whose header promises too many pixels, before they are decoded", async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="20000"/>`;
    expect(await rejection(decodeImage(Buffer.from(svg), "a.svg"))).to.equal(
      "Cannot read image a.svg: expected at most 100 million pixels, got more; make it smaller",
    );
  });

  it("reads an SVG with transparent surroundings", async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="2" height="1"><rect width="1" height="1" fill="#0000ff"/></svg>`;
    expect([...(await decodeImage(Buffer.from(svg))).data]).to.deep.equal([
      0, 0, 255, 255, 0, 0, 0, 0,
    ]);
  });

  it("refuses what is no picture, and half a picture", async () => {
    const whole = await sharp({ create: { width: 64, height: 64, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    const half = whole.subarray(0, whole.length - 40);
    expect(await rejection(decodeImage(Buffer.from("hello"), "a.png"))).to.match(
      /^Cannot read image a\.png: expected a picture .*, got something else$/,
    );
    expect(await rejection(decodeImage(half, "b.png"))).to.match(/^Cannot read image b\.png: /);
  });
});

describe("image folders", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "images-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("lists images in the order of their names and reports the rest", async () => {
    for (const name of ["b.PNG", "a.jpg", "10.webp", "notes.txt", ".DS_Store"]) {
      writeFileSync(path.join(folder, name), "");
    }
    mkdirSync(path.join(folder, "inner.png"));
    const { images, others } = listImages(folder);
    expect(images.map((file) => path.basename(file))).to.deep.equal(["10.webp", "a.jpg", "b.PNG"]);
    expect(others).to.deep.equal(["inner.png", "notes.txt"]);
  });

  it("names a missing folder, a file in its place, and an empty one", () => {
    const file = path.join(folder, "x.png");
    expect(() => listImages(path.join(folder, "none"))).to.throw(InputError, /got .*none, which/);
    expect(() => listImages(folder)).to.throw(
      InputError,
      /images in .*: expected pictures \(\.avif \.gif .* \.webp\), got an empty folder/,
    );
    writeFileSync(path.join(folder, "readme.md"), "");
    expect(() => listImages(folder)).to.throw(InputError, "got only readme.md");
    writeFileSync(file, "");
    expect(() => listImages(file)).to.throw(InputError, "expected a folder");
  });

  it("names the file that is missing, empty or damaged", async () => {
    const missing = path.join(folder, "missing.png");
    expect(await rejection(readImage(missing))).to.include(`Cannot read image ${missing}: ENOENT`);
    writeFileSync(path.join(folder, "1.png"), await encodePng(rgbaImage(4, 4, solid(red))));
    writeFileSync(path.join(folder, "2.png"), "");
    expect(await rejection(readImages(folder))).to.equal(
      `Cannot read image ${path.join(folder, "2.png")}: expected a picture, got an empty file`,
    );
  });
});

describe("readImageInfo()", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "images-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const frames = () =>
    [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ].map((pixel) => encoder(pixel).png().toBuffer());

  for (const format of ["gif", "webp"] as const) {
    it(`counts the frames of an animated ${format}, of which the first is read`, async () => {
      const file = path.join(folder, `a.${format}`);
      const animation = sharp(await Promise.all(frames()), { join: { animated: true } });
      await animation.toFormat(format, { lossless: true }).toFile(file);
      expect(await readImageInfo(file)).to.deep.equal({ width: 4, height: 4, frames: 3 });
      expect([...(await readImage(file)).data.slice(0, 4)]).to.deep.equal([255, 0, 0, 255]);
    });
  }

  it("names a file that is no picture", async () => {
    const file = path.join(folder, "a.png");
    writeFileSync(file, "hello");
    expect(await rejection(readImageInfo(file))).to.match(/a\.png: expected a picture \(\.avif/);
  });
});

describe("encodePng()", () => {
  it("keeps every byte of RGB and RGBA", async () => {
    const rgba = rgbaImage(2, 1, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 255));
    expect((await decodeImage(await encodePng(rgba))).data).to.deep.equal(rgba.data);
    const rgb = rgbImage(1, 2, Uint8Array.of(9, 8, 7, 6, 5, 4));
    expect([...(await decodeImage(await encodePng(rgb))).data]).to.deep.equal([
      9, 8, 7, 255, 6, 5, 4, 255,
    ]);
  });
});

describe("resizeImage()", () => {
  it("does not mix in the colour under transparent pixels", async () => {
    const halves = rgbaImage(
      8,
      1,
      Uint8Array.from({ length: 32 }, (_, i) => {
        return i < 16 ? [255, 0, 0, 255][i % 4]! : [0, 255, 0, 0][i % 4]!;
      }),
    );
    const { data } = await resizeImage(halves, 3, 1, "bilinear");
    for (let i = 0; i < 12; i += 4) {
      if (data[i + 3]! > 0) expect([data[i], data[i + 1], data[i + 2]]).to.deep.equal([255, 0, 0]);
    }
  });

  it("averages when shrinking and repeats with `nearest`", async () => {
    const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) => ((i / 3) % 2 < 1 ? 0 : 200));
    const small = await resizeImage(rgbImage(8, 8, pixels), 2, 2);
    for (const value of small.data) expect(value).to.be.within(80, 120);
    const two = rgbImage(2, 1, Uint8Array.of(1, 1, 1, 9, 9, 9));
    const large = await resizeImage(two, 4, 1, "nearest");
    expect([...large.data]).to.deep.equal([1, 1, 1, 1, 1, 1, 9, 9, 9, 9, 9, 9]);
  });
});

describe("compositeOn()", () => {
  it("blends by alpha and leaves opaque and transparent exact", () => {
    const image = rgbaImage(3, 1, Uint8Array.of(10, 20, 30, 255, 10, 20, 30, 0, 100, 0, 0, 51));
    expect([...compositeOn(image, [0, 250, 100]).data]).to.deep.equal([
      10, 20, 30, 0, 250, 100, 20, 200, 80,
    ]);
  });
});

describe("cropImage()", () => {
  const image = rgbImage(
    3,
    2,
    Uint8Array.from({ length: 18 }, (_, i) => i),
  );

  it("takes a part", () => {
    const part = rgbImage(2, 1, Uint8Array.of(12, 13, 14, 15, 16, 17));
    expect(cropImage(image, 1, 1, 2, 1)).to.deep.equal(part);
  });

  for (const [left, top, width, height] of [
    [-1, 0, 1, 1],
    [0, -1, 1, 1],
    [2, 0, 2, 1],
    [0, 1, 1, 2],
  ] as const) {
    it(`refuses a part that reaches outside: ${width} x ${height} at (${left}, ${top})`, () => {
      expect(() => cropImage(image, left, top, width, height)).to.throw(
        RangeError,
        "the image has 3 x 2; resize it first",
      );
    });
  }
});

describe("cropSquare()", () => {
  it("keeps the middle", () => {
    const wide = rgbImage(3, 1, Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3));
    expect(cropSquare(wide)).to.deep.equal(rgbImage(1, 1, Uint8Array.of(2, 2, 2)));
  });
});

describe("rgbImage()", () => {
  it("refuses the wrong number of bytes", () => {
    expect(() => rgbImage(2, 2, new Uint8Array(16))).to.throw(RangeError, "needs 12 bytes, got 16");
  });
});
