import { expect } from "chai";

import { idefics3Preprocessing } from "../../../../framework/data/idefics3Preprocessing.ts";
import { idefics3Grid, pictureSize, tiledSize } from "../../../../framework/data/idefics3Sizes.ts";
import {
  hasTransparency,
  readImage,
  rgbaImage,
  rgbImage,
  type Image,
} from "../../../../framework/data/image.ts";
import { picturePrompt } from "../../../../framework/tokenizers/picturePrompt.ts";
import type { ParityTest } from "../../parityCheck.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import type { NanoFolder } from "../nanoFolder.ts";

interface PictureCase {
  readonly case: number;
  readonly file: string;
  /** Pillow's name of what a pixel has. */
  readonly mode: string;
  readonly split: boolean;
  readonly rows: readonly [readonly [number]];
  readonly cols: readonly [readonly [number]];
  readonly frames: number;
}

interface RecordedPictures {
  readonly config: Readonly<Record<string, unknown>>;
  /** Begins with Pillow's name of the filter. */
  readonly resample: string;
  readonly cases: readonly PictureCase[];
}

interface RecordedSizes {
  readonly longest_edge: number;
  readonly max_image_size: number;
  /** Pixels along a patch, and patches along a token. */
  readonly patch: number;
  readonly scale_factor: number;
  readonly table: readonly {
    readonly w: number;
    readonly h: number;
    readonly resized: readonly [number, number];
    readonly grid_resized: readonly [number, number];
    readonly rows: number;
    readonly cols: number;
    readonly frames: number;
    readonly image_tokens_sf4: number;
  }[];
}

/** Of a decoder of JPEG: the published libraries differ by so many levels among themselves. */
const jpegLevels = 2;

/** Pillow's filters in the order of their numbers. */
const filters = ["NEAREST", "LANCZOS", "BILINEAR", "BICUBIC", "BOX", "HAMMING"];

/** Bytes of a pixel. */
const channelsOf: Readonly<Record<string, number>> = { RGB: 3, RGBA: 4 };

/** Pictures as Idefics3 takes them: pixels, sizes, and what stands for them in a text. */
export const idefics3Pictures: NanoCheck = {
  title: "pictures for Idefics3",
  tests: (folder) => (folder.has("prompt_strings.json") ? testsOf(folder) : []),
};

function testsOf(folder: NanoFolder): ParityTest[] {
  const { cases } = folder.json<RecordedPictures>("golden.json");
  return [
    ...cases.map((each) => ({
      title: `have the published pixels: ${each.file}, ${each.split ? "in tiles" : "whole"}`,
      run: () => compare(folder, each),
    })),
    ...[...new Set(cases.map(({ file }) => file))].map((file) => ({
      title: `are decoded: ${file}`,
      run: async () => {
        for (const each of cases) if (each.file === file) await decoded(folder, each);
      },
    })),
    { title: "have the published sizes", run: () => sizes(folder) },
    { title: "have the published places in a text", run: () => prompts(folder) },
  ];
}

/** The picture as the published library decoded it. */
function pictureOf(folder: NanoFolder, name: string): Image {
  const { shape, values } = folder.golden().host(`${name}.decoded`);
  const [height = 0, width = 0, channels] = shape;
  const bytes = Uint8Array.from(values);
  return channels === 4 ? rgbaImage(width, height, bytes) : rgbImage(width, height, bytes);
}

function compare(
  folder: NanoFolder,
  { case: number, split, rows, cols, frames }: PictureCase,
): void {
  const { config, resample } = folder.json<RecordedPictures>("golden.json");
  const filter = filters.indexOf(resample.split(" ")[0]!);
  const prepared = idefics3Preprocessing({ ...config, resample: filter })(
    pictureOf(folder, String(number)),
    { split },
  );
  expect([prepared.rows, prepared.columns]).to.deep.equal([rows[0][0], cols[0][0]]);
  const { shape, values } = prepared.pixels;
  expect(shape[0]).to.equal(frames);
  const name = `${number}.split${split ? 1 : 0}.pixel_values`;
  folder.golden().compare(name, { values, shape: [1, ...shape] }, 1e-6);
}

async function decoded(
  folder: NanoFolder,
  { case: number, file, mode }: PictureCase,
): Promise<void> {
  const expected = pictureOf(folder, String(number));
  expect(expected.channels, `channels of ${mode}`).to.equal(channelsOf[mode]);
  const image = await readImage(folder.file(file));
  const { width, height, data } = image;
  expect(hasTransparency(image), `transparency of ${file}`).to.equal(mode === "RGBA");
  expect([width, height]).to.deep.equal([expected.width, expected.height]);
  const tolerance = file.endsWith(".jpeg") ? jpegLevels : 0;
  for (let i = 0; i < expected.data.length; i++) {
    const [pixel, channel] = [Math.floor(i / expected.channels), i % expected.channels];
    const difference = Math.abs(data[pixel * 4 + channel]! - expected.data[i]!);
    if (difference > tolerance) expect.fail(`byte ${i} of ${file}: ${difference} levels off`);
  }
}

function sizes(folder: NanoFolder): void {
  const {
    longest_edge,
    max_image_size: side,
    patch,
    scale_factor,
    table,
  } = folder.json<RecordedSizes>("smolvlm_sizes.json");
  const tokensPerFrame = (side / patch / scale_factor) ** 2;
  for (const { w, h, resized, grid_resized, rows, cols, frames, image_tokens_sf4 } of table) {
    const size = pictureSize({ width: w, height: h }, longest_edge);
    const tiled = tiledSize(size, side);
    expect([size.width, size.height], `${w} x ${h}`).to.deep.equal(resized);
    expect([tiled.width, tiled.height], `${w} x ${h}`).to.deep.equal(grid_resized);
    const sizesOf = { longest: longest_edge, side, splits: true };
    const grid = idefics3Grid({ width: w, height: h }, sizesOf, true);
    expect(grid, `${w} x ${h}`).to.deep.equal({ rows, columns: cols });
    const prompt = picturePrompt(grid, { tokensPerFrame });
    expect(prompt.split("<image>").length - 1, `tokens of ${w} x ${h}`).to.equal(image_tokens_sf4);
    expect(image_tokens_sf4 / tokensPerFrame, `frames of ${w} x ${h}`).to.equal(frames);
  }
}

function prompts(folder: NanoFolder): void {
  for (const [grid, expected] of Object.entries(
    folder.json<Record<string, string>>("prompt_strings.json"),
  )) {
    const [rows = 0, columns = 0] = grid.split("x").map(Number);
    expect(picturePrompt({ rows, columns }, { tokensPerFrame: 4 })).to.equal(expected);
  }
}
