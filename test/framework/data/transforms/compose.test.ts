import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../../framework/base/random.ts";
import { createLoader } from "../../../../framework/data/createLoader.ts";
import { mapDataset } from "../../../../framework/data/dataset.ts";
import { compositeOn, rgbaImage, type RgbaImage } from "../../../../framework/data/image.ts";
import {
  centerCrop,
  colorJitter,
  compose,
  normalize,
  randomCrop,
  randomHorizontalFlip,
  resize,
} from "../../../../framework/data/transforms/index.ts";

describe("compose()", () => {
  it("applies transforms first to last, whether or not they take time", async () => {
    const transform = compose(
      (text: string) => text.length,
      async (length) => length + 1,
      (length) => [length],
    );
    expect(await transform("abc", new RandomStream(0, "test"))).to.deep.equal([4]);
  });

  it("lets transforms draw from one stream in turn", async () => {
    const draw = (sum: number, random: RandomStream): number => sum + random.uniform();
    const stream = new RandomStream(3, "test");
    const [first, second] = [stream.uniform(), stream.uniform()];
    expect(await compose(draw, draw)(0, new RandomStream(3, "test"))).to.equal(first + second);
  });

  it("makes a loader's examples of pictures, the same at the same place", async () => {
    const pixels = Uint8Array.from({ length: 20 * 10 * 4 }, (_, i) => i % 251);
    const augment = compose(
      resize(12),
      centerCrop(10),
      randomCrop(8),
      randomHorizontalFlip(),
      colorJitter({ brightness: 0.2, hue: 0.1 }),
    );
    const toTensor = compose(
      (image: RgbaImage) => compositeOn(image, [255, 255, 255]),
      augment,
      normalize(),
    );
    const pictures = { length: 6, get: () => rgbaImage(20, 10, pixels) };
    const dataset = mapDataset(mapDataset(pictures, toTensor), (image) => ({ image }));
    const loader = createLoader({ dataset, batchSize: 3, seed: 1 });
    const { image } = await loader.batch(0, 1);
    expect(image!.shape).to.deep.equal([3, 3, 8, 8]);
    expect((await loader.batch(0, 1))["image"]).to.deep.equal(image);
    expect((await loader.batch(1, 1))["image"]).to.not.deep.equal(image);
  });
});
