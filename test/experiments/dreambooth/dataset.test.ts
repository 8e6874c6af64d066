import { expect } from "chai";
import { describe, it } from "mocha";

import { dreamboothLoaders } from "../../../experiments/dreambooth/dataset.ts";
import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { listImages, readImages } from "../../../framework/data/image.ts";

/** `count` latents of one number each, counting from `first`. */
function latents(first: number, count: number) {
  const values = Float32Array.from({ length: count }, (_, i) => first + i);
  return hostTensor(values, [count, 1, 1, 1]);
}

const ids = (id: number) => hostTensor(Int32Array.of(id, id), [2]);

describe("dreamboothLoaders()", () => {
  const data = {
    subject: latents(0, 4),
    subjectIds: [ids(7), ids(7), ids(7), ids(7)],
    classIds: ids(8),
    emptyIds: ids(9),
    captionDropout: 0,
    seed: 1,
  };

  it("puts as many class examples behind the subject's, each with its prompt", async () => {
    const subjectIds = [ids(3), ids(4), ids(5), ids(6)];
    const { trainLoader } = dreamboothLoaders({
      ...data,
      subjectIds,
      class: latents(100, 6),
      batchSize: 2,
    });
    expect(trainLoader.length).to.equal(3);
    const seen = new Set<number>();
    for (let index = 0; index < trainLoader.length; index++) {
      const batch = await trainLoader.batch(0, index);
      expect(batch["latents"]!.shape).to.deep.equal([4, 1, 1, 1]);
      const values = [...batch["latents"]!.values];
      expect(values.map((value) => value >= 100)).to.deep.equal([false, false, true, true]);
      const prompts = values.map((value) => (value >= 100 ? 8 : value + 3));
      expect(batch["ids"]!.shape).to.deep.equal([4, 2]);
      expect([...batch["ids"]!.values]).to.deep.equal(prompts.flatMap((id) => [id, id]));
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
