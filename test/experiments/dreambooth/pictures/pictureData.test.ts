import { writeFileSync } from "node:fs";

import { expect } from "chai";
import { after, before, beforeEach, describe, it } from "mocha";

import { pictureData } from "../../../../experiments/dreambooth/pictures/pictureData.ts";
import { settingsOf } from "../../../../experiments/dreambooth/settings.ts";
import type { DataSettings } from "../../../../experiments/dreambooth/settings/data.ts";
import { runEagerly } from "../../../../framework/base/compile.ts";
import { RandomStream } from "../../../../framework/base/random.ts";
import { loadExperimentSpec } from "../../../../framework/cli/loadExperimentSpec.ts";
import type { Dataset } from "../../../../framework/data/dataset.ts";
import { encodePng, rgbaImage } from "../../../../framework/data/image.ts";
import { loadPipeline } from "../../../../framework/pipelines/loadPipeline.ts";
import {
  disposePipeline,
  type PipelineComponents,
} from "../../../../framework/pipelines/pipelineComponents.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

/** Opaque noise. */
function photograph(number: number, width: number, height: number) {
  const random = new RandomStream(3, "photograph", number);
  const length = width * height * 4;
  return rgbaImage(
    width,
    height,
    Uint8Array.from({ length }, (_, i) => (i % 4 === 3 ? 255 : random.integer(256))),
  );
}

describe("pictureData()", () => {
  const temporary = temporaryFolder();
  let components: PipelineComponents;
  let committed: DataSettings;
  before(async () => {
    components = loadPipeline("test/fixtures/stable-diffusion/tiny-sd-a"); // 16 pixels, factor 2
    committed = settingsOf((await loadExperimentSpec("configs/dreambooth.yaml")).spec).data;
  });
  after(() => disposePipeline(components));
  beforeEach(async () => {
    writeFileSync(temporary.path("class.png"), await encodePng(photograph(9, 20, 20)));
  });

  /** Of a square picture and one that is twice as wide, and of one of the class. */
  const dataOf = (overrides: Partial<DataSettings>, latents: "memory" | "none" = "memory") =>
    pictureData({
      components,
      compile: runEagerly,
      data: {
        ...committed,
        variants: 2,
        movement: 1,
        cache: { ...committed.cache, latents },
        ...overrides,
      },
      subjects: [{ image: photograph(1, 16, 16) }, { image: photograph(2, 64, 32) }],
      classFiles: [temporary.path("class.png")],
      seed: 1,
    });

  const visit = (dataset: Dataset, index: number, step: number) =>
    dataset.get(index, new RandomStream(1, "visit", step));

  it("has latents of one size, the same at every visit", async () => {
    const { train, validation, classOf, copies } = await dataOf({ crop: "random", flip: 0.5 });
    expect([train.length, copies.length]).to.deep.equal([4, 4]);
    for (const dataset of [train, classOf!({ width: 16, height: 16 })]) {
      const example = await visit(dataset, 0, 1);
      expect(Object.keys(example)).to.deep.equal(["latents"]);
      expect(example["latents"]!.shape).to.deep.equal([4, 8, 8]);
      expect(await visit(dataset, 0, 2)).to.deep.equal(example);
    }
    expect(validation).to.equal(train);
  });

  it("has pictures that are cropped anew at every visit, but not for validation", async () => {
    const { train, validation, classOf } = await dataOf({ crop: "random" }, "none");
    const wide = 2;
    for (const [dataset, index] of [
      [train, wide],
      [classOf!({ width: 16, height: 16 }), 0],
    ] as const) {
      const shown = await visit(dataset, index, 1);
      expect(shown["images"]!.shape).to.deep.equal([3, 16, 16]);
      expect(await visit(dataset, index, 1)).to.deep.equal(shown);
    }
    expect(await visit(train, wide, 2)).to.not.deep.equal(await visit(train, wide, 1));
    expect(await visit(validation, wide, 2)).to.deep.equal(await visit(validation, wide, 1));
  });

  it("puts pictures in buckets, and shows the class in each that is used", async () => {
    const { train, classOf, copies } = await dataOf({ buckets: true });
    const sizes = copies.map(({ size }) => size);
    const [square, wide] = [sizes[0]!, sizes[2]!];
    expect(square).to.deep.equal({ width: 16, height: 16 });
    expect(wide.width).to.be.above(wide.height);
    for (const [index, size] of sizes.entries()) {
      const shape = [4, size.height / 2, size.width / 2];
      expect((await visit(train, index, 0))["latents"]!.shape).to.deep.equal(shape);
      expect((await visit(classOf!(size), 0, 0))["latents"]!.shape).to.deep.equal(shape);
    }
  });
});
