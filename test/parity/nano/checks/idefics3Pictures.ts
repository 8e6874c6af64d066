import { expect } from "chai";

import { idefics3Preprocessing } from "../../../../framework/data/idefics3Preprocessing.ts";
import { pictureSize, tiledSize } from "../../../../framework/data/idefics3Sizes.ts";
import { readImage, rgbaImage, rgbImage, type Image } from "../../../../framework/data/image.ts";
import { picturePrompt } from "../../../../framework/tokenizers/picturePrompt.ts";
import type { ParityTest } from "../../parityCheck.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import type { NanoFolder } from "../nanoFolder.ts";

interface PictureCase {
  readonly case: number;
  readonly file: string;
  readonly split: boolean;
  readonly rows: readonly [readonly [number]];
  readonly cols: readonly [readonly [number]];
  readonly frames: number;
}

interface RecordedPictures {
  readonly config: Readonly<Record<string, unknown>>;
  readonly cases: readonly PictureCase[];
}

interface RecordedSizes {
  readonly longest_edge: number;
  readonly max_image_size: number;
  readonly table: readonly {
    readonly w: number;
    readonly h: number;
    readonly resized: readonly [number, number];
    readonly grid_resized: readonly [number, number];
    readonly rows: number;
    readonly cols: number;
  }[];
}

/** Of a decoder of JPEG: the published libraries differ by so many levels among themselves. */
const jpegLevels = 2;

/** Pictures as Idefics3 takes them: pixels, sizes, and what stands for them in a text. */
export const idefics3Pictures: NanoCheck = {
  title: "pictures for Idefics3",
  tests: (folder) => (folder.has("prompt_strings.json") ? testsOf(folder) : []),
};

function testsOf(folder: NanoFolder): ParityTest[] {
  const { config, cases } = folder.json<RecordedPictures>("golden.json");
  const prepare = idefics3Preprocessing(config);
  return [
    ...cases.map((each) => ({
      title: `have the published pixels: ${each.file}, ${each.split ? "in tiles" : "whole"}`,
      run: () => compare(folder, each, prepare),
    })),
    ...cases
      .filter(({ split }) => split)
      .map((each) => ({ title: `are decoded: ${each.file}`, run: () => decoded(folder, each) })),
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
  prepare: ReturnType<typeof idefics3Preprocessing>,
): void {
  const prepared = prepare(pictureOf(folder, String(number)), { split });
  expect([prepared.rows, prepared.columns]).to.deep.equal([rows[0][0], cols[0][0]]);
  const { shape, values } = prepared.pixels;
  expect(shape[0]).to.equal(frames);
  const name = `${number}.split${split ? 1 : 0}.pixel_values`;
  folder.golden().compare(name, { values, shape: [1, ...shape] }, 1e-6);
}

async function decoded(folder: NanoFolder, { case: number, file }: PictureCase): Promise<void> {
  const expected = pictureOf(folder, String(number));
  const { width, height, data } = await readImage(folder.path(file));
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
    table,
  } = folder.json<RecordedSizes>("smolvlm_sizes.json");
  for (const { w, h, resized, grid_resized, rows, cols } of table) {
    const size = pictureSize({ width: w, height: h }, longest_edge);
    const tiled = tiledSize(size, side);
    expect([size.width, size.height], `${w} x ${h}`).to.deep.equal(resized);
    expect([tiled.width, tiled.height], `${w} x ${h}`).to.deep.equal(grid_resized);
    expect([tiled.height / side, tiled.width / side]).to.deep.equal([rows, cols]);
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
