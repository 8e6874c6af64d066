import { expect } from "chai";
import { describe, it } from "mocha";

import { dreamboothLoaders, type SubjectData } from "../../../experiments/dreambooth/dataset.ts";
import type { PictureData } from "../../../experiments/dreambooth/pictures/pictureData.ts";
import type { PromptSource } from "../../../experiments/dreambooth/promptSource.ts";
import type { SubjectCopy } from "../../../experiments/dreambooth/subjectCopies.ts";
import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import type { DataLoader } from "../../../framework/data/dataLoader.ts";
import type { Dataset } from "../../../framework/data/dataset.ts";
import { listImages, readImages, rgbImage } from "../../../framework/data/image.ts";
import { shardLoader } from "../../../framework/data/shardLoader.ts";
import type { ImageSize } from "../../../framework/data/transforms/imageSize.ts";

/** Examples of one number each, counting from `first`, in latents of a size. */
function dataset(first: number, count: number, { height = 1, width = 1 } = {}): Dataset {
  const value = (index: number) => new Float32Array(height * width).fill(first + index);
  const get = (index: number) => ({ latents: hostTensor(value(index), [1, height, width]) });
  return { length: count, get };
}

const square = { width: 4, height: 4 };
/** Copies that say only how large they are. */
function copiesOf(...sizes: ImageSize[]): SubjectCopy[] {
  const picture = () => rgbImage(0, 0, new Uint8Array());
  return sizes.map((size) => ({ size, prompts: [], picture }));
}

/** Four copies of the subject, of numbers 0 to 3, and a class that counts from 100. */
function squares(classCount?: number): PictureData {
  const subject = dataset(0, 4);
  const ofClass = classCount === undefined ? undefined : dataset(100, classCount);
  return {
    copies: copiesOf(square, square, square, square),
    train: subject,
    validation: subject,
    classOf: ofClass && (() => ofClass),
  };
}

const ids = (id: number) => hostTensor(Int32Array.of(id, id), [2]);

/** Of prompts whose ids are given, the same at every visit. */
const promptsOf = (...numbers: number[]): PromptSource[] =>
  numbers.map((number) => () => ids(number));

/** A subject whose prompts have id 7, and its class 8. */
function subjectOf(pictures: PictureData, prompts = promptsOf(7, 7, 7, 7)): SubjectData {
  const count = pictures.classOf?.(square).length ?? 0;
  return { pictures, prompts, classPrompts: Array.from({ length: count }, () => () => ids(8)) };
}

const seed = 1;

describe("dreamboothLoaders()", () => {
  it("puts as many class examples behind the subject's, each with its prompt", async () => {
    const { trainLoader } = dreamboothLoaders({
      subjects: [subjectOf(squares(6), promptsOf(3, 4, 5, 6))],
      batchSize: 2,
      seed,
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

  it("fill a batch for each of more workers than there are pictures for", async () => {
    const { trainLoader } = dreamboothLoaders({
      subjects: [subjectOf(squares(2))],
      batchSize: 2,
      seed,
    });
    for (const rank of [0, 1, 2]) {
      const share = await shardLoader(trainLoader, { rank, worldSize: 3 });
      expect(share.length).to.equal(1);
      const values = [...(await share.batch(0, 0))["latents"]!.values];
      expect(values.map((value) => value >= 100)).to.deep.equal([false, false, true, true]);
    }
  });

  it("gives the subject alone without a class", async () => {
    const { trainLoader, valLoader } = dreamboothLoaders({
      subjects: [subjectOf(squares())],
      batchSize: 2,
      seed,
    });
    expect(trainLoader.length).to.equal(2);
    expect((await trainLoader.batch(5, 1))["latents"]!.shape).to.deep.equal([2, 1, 1, 1]);
    expect([...(await valLoader.batch(0, 0))["latents"]!.values]).to.deep.equal([0, 1, 2, 3]);
  });

  it("lets prompts be chosen anew at each visit, and not in validation", async () => {
    const chosen: PromptSource = (random) => ids(random ? 10 + random.integer(2) : 9);
    const { trainLoader, valLoader } = dreamboothLoaders({
      subjects: [{ pictures: squares(), prompts: Array(4).fill(chosen), classPrompts: [] }],
      batchSize: 4,
      seed,
    });
    const seen = new Set<number>();
    for (let epoch = 0; epoch < 5; epoch++) {
      for (const id of (await trainLoader.batch(epoch, 0))["ids"]!.values) seen.add(id);
    }
    expect(seen).to.deep.equal(new Set([10, 11]));
    expect(new Set((await valLoader.batch(0, 0))["ids"]!.values)).to.deep.equal(new Set([9]));
  });
});

describe("dreamboothLoaders(), given several subjects", () => {
  /** Subjects count from 0 and 10, their classes from 100 and 200; the second has fewer. */
  const subjects: SubjectData[] = [
    subjectOf(squares(6)),
    {
      pictures: {
        copies: copiesOf(square, square),
        train: dataset(10, 2),
        validation: dataset(10, 2),
        classOf: () => dataset(200, 3),
      },
      prompts: promptsOf(5, 5),
      classPrompts: promptsOf(6, 6, 6),
    },
  ];

  it("mix them evenly, each beside its own class, with its own prompts", async () => {
    const { trainLoader } = dreamboothLoaders({ subjects, batchSize: 4, seed });
    expect(trainLoader.length).to.equal(3); // six visits of each subject
    const seen = new Set<number>();
    for (let index = 0; index < trainLoader.length; index++) {
      const batch = await trainLoader.batch(1, index);
      const values = [...batch["latents"]!.values];
      expect(values.map((value) => Math.floor(value / 10) * 10)).to.deep.equal([
        ...[0, 10, 0, 10],
        ...[100, 200, 100, 200],
      ]);
      const first = [...batch["ids"]!.values].filter((_, i) => i % 2 === 0); // of two tokens each
      expect(first).to.deep.equal([7, 5, 7, 5, 8, 6, 8, 6]);
      for (const value of values) seen.add(value);
    }
    expect(seen.size, "every picture of both").to.equal(4 + 6 + 2 + 3);
  });

  it("differ by at most one in a batch that they do not divide", async () => {
    const { trainLoader } = dreamboothLoaders({ subjects, batchSize: 3, seed });
    for (const [index, expected] of [2, 1, 2, 1].entries()) {
      const values = (await trainLoader.batch(0, index))["latents"]!.values;
      expect([...values].filter((value) => value < 10).length).to.equal(expected);
    }
  });

  it("validate on all of them in order", async () => {
    const { valLoader } = dreamboothLoaders({ subjects, batchSize: 4, seed });
    const batch = await valLoader.batch(0, 0);
    expect([...batch["latents"]!.values]).to.deep.equal([0, 1, 2, 3, 10, 11]);
  });
});

describe("dreamboothLoaders(), given pictures of two sizes", () => {
  const wide = { width: 8, height: 4 };
  /** Copies 0, 2, 3 and 4 are square, 1 and 5 wide; latents have a quarter of the sides. */
  const sizes = [square, wide, square, square, square, wide];
  const subject: Dataset = {
    length: 6,
    get: (index) => dataset(index, 1, latentsOf(sizes[index]!)).get(0, new RandomStream(0, "")),
  };
  const pictures: PictureData = {
    copies: copiesOf(...sizes),
    train: subject,
    validation: subject,
    classOf: (size) => dataset(100, 9, latentsOf(size)),
  };
  const prompts = promptsOf(2, 3, 4, 5, 6, 7);
  const options = { subjects: [subjectOf(pictures, prompts)], batchSize: 2, seed };

  function latentsOf({ width, height }: ImageSize) {
    return { width: width / 4, height: height / 4 };
  }

  /** The numbers of an epoch's batches, those of latents of one width together. */
  async function visited(loader: DataLoader, epoch: number) {
    const found: { width: number; numbers: number[] }[] = [];
    for (let index = 0; index < loader.length; index++) {
      const { latents } = await loader.batch(epoch, index);
      const width = latents!.shape[3]!;
      found.push({ width, numbers: [...latents!.values].filter((_, i) => i % width === 0) });
    }
    return found;
  }

  it("put the class's pictures of a batch's size behind the subject's of one size", async () => {
    const { trainLoader } = dreamboothLoaders(options);
    expect(trainLoader.length).to.equal(5); // for nine class pictures, two a batch
    const seen = new Set<number>();
    const widths = new Set<number>();
    for (const { width, numbers } of await visited(trainLoader, 0)) {
      expect(numbers.map((number) => number >= 100)).to.deep.equal([false, false, true, true]);
      for (const number of numbers.slice(0, 2)) {
        expect(sizes[number]!.width / 4).to.equal(width);
        seen.add(number);
      }
      widths.add(width);
    }
    expect(seen.size).to.equal(6);
    expect(widths).to.deep.equal(new Set([1, 2]));
  });

  it("show two workers batches of the same size at the same time", async () => {
    const { trainLoader } = dreamboothLoaders(options);
    const shares = await Promise.all(
      [0, 1].map(async (rank) =>
        visited(await shardLoader(trainLoader, { rank, worldSize: 2 }), 3),
      ),
    );
    const widths = shares.map((share) => share.map(({ width }) => width));
    expect(widths[0]).to.deep.equal(widths[1]);
    expect(new Set(widths[0])).to.deep.equal(new Set([1, 2]));
  });

  it("validate on batches of one size, size after size", async () => {
    const { valLoader } = dreamboothLoaders(options);
    expect(await visited(valLoader, 0)).to.deep.equal([
      { width: 1, numbers: [0, 2] },
      { width: 1, numbers: [3, 4] },
      { width: 2, numbers: [1, 5] },
    ]);
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
