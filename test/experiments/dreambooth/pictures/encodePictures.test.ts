import { readdirSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { encodePictures } from "../../../../experiments/dreambooth/pictures/encodePictures.ts";
import { runEagerly } from "../../../../framework/base/compile.ts";
import { toTensor } from "../../../../framework/base/hostTensor.ts";
import { imagesToTensor } from "../../../../framework/data/imageTensors.ts";
import { AutoencoderKl } from "../../../../framework/models/autoencoderKl.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { autoencoderConfig } from "./autoencoderConfig.ts";
import { noiseCopy } from "./copies.ts";

describe("encodePictures()", () => {
  const temporary = temporaryFolder();
  let autoencoder: AutoencoderKl;
  beforeEach(() => {
    autoencoder = new AutoencoderKl(autoencoderConfig, { seed: 1 });
  });
  afterEach(() => autoencoder.dispose());

  /** Counts the batches that were encoded. */
  let encoded = 0;
  const counting: typeof runEagerly = (fn) => {
    const run = runEagerly(fn);
    const counted: typeof run = Object.assign(
      (inputs: Parameters<typeof run>[0]) => (encoded++, run(inputs)),
      { dispose() {} },
    );
    return counted;
  };

  const encode = (numbers: number[], overrides: object = {}) =>
    encodePictures({
      autoencoder,
      compile: counting,
      copies: numbers.map((number) => noiseCopy(number)),
      posterior: "mean",
      ...overrides,
    });

  /** Encodes with the cache of the test. */
  const cached = async (numbers: number[], overrides: object = {}) => {
    encoded = 0;
    return encode(numbers, { cacheFolder: temporary.path("cache"), ...overrides });
  };
  const files = () => {
    const [model = ""] = readdirSync(temporary.path("cache"));
    const folder = temporary.path("cache", model);
    return readdirSync(folder).map((name) => path.join(folder, name));
  };

  it("gives the scaled mean of each picture, whatever its size, in their order", async () => {
    const copies = [
      noiseCopy(1),
      noiseCopy(2, { width: 24, height: 8 }),
      noiseCopy(3),
      noiseCopy(4, { width: 24, height: 8 }),
    ];
    const examples = await encode([], { copies });
    expect(examples.map(({ latents }) => latents!.shape)).to.deep.equal([
      [2, 8, 8],
      [2, 4, 12],
      [2, 8, 8],
      [2, 4, 12],
    ]);
    for (const [i, copy] of copies.entries()) {
      const images = toTensor(imagesToTensor([await copy.picture()]));
      const { mean, logvar } = autoencoder.encode(images);
      const expected = autoencoder.scaleLatents(mean);
      const values = await expected.data();
      for (const [at, value] of examples[i]!["latents"]!.values.entries()) {
        expect(value).to.be.closeTo(values[at]!, 1e-5); // batches of two add up otherwise
      }
      for (const tensor of [images, mean, logvar, expected]) tensor.dispose();
    }
  });

  it("gives the deviations too when latents are to be drawn", async () => {
    const [example] = await encode([1], { posterior: "sample" });
    const images = toTensor(imagesToTensor([await noiseCopy(1).picture()]));
    const { mean, logvar } = autoencoder.encode(images);
    const logs = await logvar.data();
    const { values, shape } = example!["deviation"]!;
    expect(shape).to.deep.equal([2, 8, 8]);
    for (const [i, value] of values.entries()) {
      expect(value).to.be.closeTo(0.5 * Math.exp(logs[i]! / 2), 1e-5);
    }
    for (const tensor of [images, mean, logvar]) tensor.dispose();
  });

  it("encodes nothing that is on the disk, and gives the same bits", async () => {
    const fresh = await encode([1, 2, 3]);
    expect(await cached([1, 2, 3])).to.deep.equal(fresh);
    expect(encoded).to.equal(1);
    expect(await cached([3, 1, 2])).to.deep.equal([fresh[2], fresh[0], fresh[1]]);
    expect(encoded).to.equal(0);
  });

  it("encodes what is missing to the same bytes", async () => {
    await cached([1, 2, 3]);
    const bytes = files().map((file) => readFileSync(file));
    const kept = statSync(files()[0]!).mtimeMs;
    rmSync(files()[1]!);
    await cached([1, 2, 3]);
    expect(encoded).to.equal(1);
    expect(files().map((file) => readFileSync(file))).to.deep.equal(bytes);
    expect(statSync(files()[0]!).mtimeMs).to.equal(kept);
  });

  it("encodes anew for other pixels, other weights, another scale and another posterior", async () => {
    await cached([1]);
    await cached([1]);
    expect(encoded, "the same").to.equal(0);
    await cached([2]);
    expect(encoded, "other pixels").to.equal(1);
    await cached([1], { posterior: "sample" });
    expect(encoded, "another posterior").to.equal(1);
    for (const [name, other] of [
      ["other weights", new AutoencoderKl(autoencoderConfig, { seed: 2 })],
      [
        "another scale",
        new AutoencoderKl({ ...autoencoderConfig, scaling_factor: 1 }, { seed: 1 }),
      ],
    ] as const) {
      await cached([1], { autoencoder: other });
      expect(encoded, name).to.equal(1);
      other.dispose();
    }
  });

  it("names a file that is damaged, with the cure", async () => {
    await cached([1]);
    const [file] = files();
    truncateSync(file!, 20);
    const problem = await cached([1]).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(problem).to.include(file!).and.include("delete the file to have it made again");
  });
});
