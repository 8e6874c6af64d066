import { readFileSync, rmSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";
import { hostTensor, type GenerateRequest, type TextToImage } from "seedbed";

import { imageFiles, keptImages } from "../../../experiments/dreambooth/keptImages.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** Draws plain squares whose brightness is the seed, and counts the images made. */
function plainGenerator(): Pick<TextToImage, "generate"> & { made: number[] } {
  const made: number[] = [];
  return {
    made,
    async generate({ seeds }: GenerateRequest) {
      made.push(...seeds);
      const values = Float32Array.from({ length: seeds.length * 12 }, (_, i) => {
        return seeds[Math.floor(i / 12)]! / 100;
      });
      return hostTensor(values, [seeds.length, 3, 2, 2]);
    },
  };
}

describe("keptImages()", () => {
  const temporary = temporaryFolder();
  const settings = () => ({
    modelHash: "m",
    scheduler: { name: "s" },
    size: 2,
    prompt: "a cat",
    count: 5,
    seed: 10,
    steps: 2,
    guidanceScale: 3,
    eta: 0,
    batchSize: 2,
    cacheFolder: temporary.path("cache"),
    signal: new AbortController().signal,
    onProgress() {},
  });

  it("draws nothing the second time", async () => {
    const generator = plainGenerator();
    const files = await keptImages({ generator, ...settings() });
    expect(files.map((file) => file.split("/").at(-1))).to.deep.equal(
      ["10", "11", "12", "13", "14"].map((seed) => `${seed}.png`),
    );
    const again = plainGenerator();
    expect(await keptImages({ generator: again, ...settings() })).to.deep.equal(files);
    expect(again.made).to.deep.equal([]);
  });

  it("draws only what is missing, to the same bytes", async () => {
    const files = await keptImages({ generator: plainGenerator(), ...settings() });
    const bytes = files.map((file) => readFileSync(file));
    rmSync(files[1]!);
    const generator = plainGenerator();
    await keptImages({ generator, ...settings() });
    expect(new Set(generator.made)).to.deep.equal(new Set([11]));
    expect(files.map((file) => readFileSync(file))).to.deep.equal(bytes);
  });

  it("finds what earlier versions kept, but not where brackets were weights then", async () => {
    const folderOf = (prompt: string) =>
      imageFiles({ ...settings(), prompt })[0]!
        .split("/")
        .at(-2);
    expect(folderOf("a cat")).to.equal("a-cat-fa0828cc4920a0dc");
    expect(folderOf("a (cat)"))
      .to.match(/^a-cat--/)
      .and.not.equal("a-cat--8703c54b488ab9bc");
  });

  it("keeps apart what differs in any setting that decides a pixel", async () => {
    const base = await keptImages({ generator: plainGenerator(), ...settings() });
    for (const change of [
      { modelHash: "n" },
      { scheduler: { name: "t" } },
      { size: 4 },
      { prompt: "a dog" },
      { steps: 3 },
      { guidanceScale: 4 },
      { eta: 1 },
    ]) {
      const generator = plainGenerator();
      const files = await keptImages({ generator, ...settings(), ...change });
      expect(generator.made, JSON.stringify(change)).to.have.length.above(0);
      expect(files[0]).not.to.equal(base[0]);
    }
  });
});
