import { expect } from "chai";
import { describe, it } from "mocha";

import { dreamboothLoaders, subjectPicture } from "../../../experiments/dreambooth/dataset.ts";
import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { listImages, readImages, rgbaImage } from "../../../framework/data/image.ts";

/** `count` latents of one number each, counting from `first`. */
function latents(first: number, count: number) {
  const values = Float32Array.from({ length: count }, (_, i) => first + i);
  return hostTensor(values, [count, 1, 1, 1]);
}

const ids = (id: number) => hostTensor(Int32Array.of(id, id), [2]);

describe("dreamboothLoaders()", () => {
  const data = {
    subject: latents(0, 4),
    subjectIds: ids(7),
    classIds: ids(8),
    emptyIds: ids(9),
    captionDropout: 0,
    seed: 1,
  };

  it("puts as many class examples behind the subject's", async () => {
    const { trainLoader } = dreamboothLoaders({ ...data, class: latents(100, 6), batchSize: 2 });
    expect(trainLoader.length).to.equal(3);
    const seen = new Set<number>();
    for (let index = 0; index < trainLoader.length; index++) {
      const batch = await trainLoader.batch(0, index);
      expect(batch["ids"]).to.deep.equal(hostTensor(Int32Array.of(7, 7, 7, 7, 8, 8, 8, 8), [4, 2]));
      expect(batch["latents"]!.shape).to.deep.equal([4, 1, 1, 1]);
      const values = [...batch["latents"]!.values];
      expect(values.map((value) => value >= 100)).to.deep.equal([false, false, true, true]);
      for (const value of values) seen.add(value);
    }
    expect(seen.size, "every subject and class picture").to.equal(10);
  });

  it("gives the subject alone without a class", async () => {
    const { trainLoader, valLoader } = dreamboothLoaders({
      ...data,
      class: undefined,
      batchSize: 2,
    });
    expect(trainLoader.length).to.equal(2);
    expect((await trainLoader.batch(5, 1))["latents"]!.shape).to.deep.equal([2, 1, 1, 1]);
    expect((await valLoader.batch(0, 0))["latents"]).to.deep.equal(latents(0, 4));
  });

  it("leave out the class's prompt as often as asked, never the subject's", async () => {
    const { trainLoader } = dreamboothLoaders({
      ...data,
      class: latents(10, 4),
      batchSize: 4,
      captionDropout: 0.5,
    });
    const seen = { 8: 0, 9: 0 };
    for (let epoch = 0; epoch < 50; epoch++) {
      const { ids: prompts } = await trainLoader.batch(epoch, 0);
      const first = [...prompts!.values].filter((_, i) => i % 2 === 0); // of two tokens each
      expect(first.slice(0, 4)).to.deep.equal([7, 7, 7, 7]);
      for (const id of first.slice(4)) seen[id === 8 ? 8 : 9]++;
    }
    expect(seen[8] + seen[9]).to.equal(200);
    expect(seen[9]).to.be.within(80, 120);
  });
});

describe("subjectPicture()", () => {
  /** A black square of 8 pixels in the middle of 16, on nothing or on opaque green. */
  function square(around: readonly number[]) {
    const data = Uint8Array.from({ length: 16 * 16 * 4 }, (_, i) => around[i % 4]!);
    for (let y = 4; y < 12; y++) {
      for (let x = 4; x < 12; x++) data.set([0, 0, 0, 255], (y * 16 + x) * 4);
    }
    return rgbaImage(16, 16, data);
  }
  const draw = (around: readonly number[], variant: number) =>
    subjectPicture(square(around), 8, variant, new RandomStream(1, "subject", variant));

  it("lays a cut-out subject on white, and moves it in further variants", async () => {
    const plain = await draw([0, 0, 0, 0], 0);
    expect([...plain.data.subarray(0, 3)]).to.deep.equal([255, 255, 255]);
    expect(plain.data[(4 * 8 + 4) * 3]).to.equal(0);
    const moved = await draw([0, 0, 0, 0], 1);
    expect(moved.data).to.not.deep.equal(plain.data);
    expect([...moved.data.subarray(0, 3)]).to.deep.equal([255, 255, 255]);
  });

  it("leaves a photograph as it is in every variant", async () => {
    const photograph = await draw([0, 200, 0, 255], 0);
    expect([...photograph.data.subarray(0, 3)]).to.deep.equal([0, 200, 0]);
    expect(await draw([0, 200, 0, 255], 1)).to.deep.equal(photograph);
  });
});

describe("subjects/", () => {
  for (const name of ["cat", "clock", "penguin"]) {
    it(`${name} has five pictures to train on and three beside, cut out, 256 pixels`, async () => {
      const folder = `subjects/${name}`;
      expect(listImages(folder).images.length).to.equal(5);
      const images = [...(await readImages(folder)), ...(await readImages(`${folder}/reference`))];
      expect(images.length).to.equal(8);
      for (const { image } of images) {
        expect([image.width, image.height, image.data[3]]).to.deep.equal([256, 256, 0]);
      }
    });
  }
});
