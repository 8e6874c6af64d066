import { expect } from "chai";
import { describe, it } from "mocha";

import {
  bucketSizes,
  nearestBucket,
  pictureSide,
  sideStep,
} from "../../../../experiments/dreambooth/pictures/buckets.ts";
import { loadPipeline } from "../../../../framework/pipelines/loadPipeline.ts";
import { disposePipeline } from "../../../../framework/pipelines/pipelineComponents.ts";

const written = (sizes: readonly { width: number; height: number }[]): string =>
  sizes.map(({ width, height }) => `${width}x${height}`).join(" ");

describe("bucketSizes()", () => {
  it("are those of Kohya's scripts for 512 pixels", () => {
    // make_bucket_resolutions((512, 512), 256, 1024, 64) of sd-scripts' library/model_util.py
    expect(written(bucketSizes(512, 64))).to.equal(
      "256x832 256x896 256x960 256x1024 320x704 320x768 384x640 448x576 512x512 576x448 640x384 704x320 768x320 832x256 896x256 960x256 1024x256",
    );
  });

  it("have about the area, and sides that fit the bundled model's latents", () => {
    const components = loadPipeline("models/emoji-64");
    const [side, step] = [pictureSide(components), sideStep(components)];
    disposePipeline(components);
    expect([side, step]).to.deep.equal([64, 16]);
    expect(written(bucketSizes(side, step))).to.equal(
      "32x96 32x112 32x128 48x80 64x64 80x48 96x32 112x32 128x32",
    );
  });
});

describe("nearestBucket()", () => {
  const sizes = bucketSizes(512, 64);
  for (const [width, height, bucket] of [
    [500, 500, "512x512"],
    [4000, 3000, "576x448"],
    [3000, 4000, "448x576"],
    [1920, 1080, "640x384"],
    [5000, 100, "1024x256"],
    [20, 21, "512x512"],
  ] as const) {
    it(`puts ${width} x ${height} in ${bucket}`, () => {
      expect(written([nearestBucket(sizes, { width, height })])).to.equal(bucket);
    });
  }
});
