import { expect } from "chai";
import { describe, it } from "mocha";
import { InputError } from "seedbed";

import { checkPairs } from "../../../experiments/dreambooth/incompatible.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";

/** What is refused, and what is warned of, for the committed spec with these changes. */
async function told(...overrides: string[]): Promise<{ refused: string; warned: string[] }> {
  const { spec } = await loadExperimentSpec("configs/dreambooth.yaml", overrides);
  const warned: string[] = [];
  try {
    checkPairs(spec, (line) => warned.push(line));
    return { refused: "", warned };
  } catch (error) {
    if (error instanceof InputError) return { refused: error.message, warned };
    throw error;
  }
}

describe("checkPairs()", () => {
  it("has nothing to say of the committed spec", async () => {
    expect(await told()).to.deep.equal({ refused: "", warned: [] });
  });

  for (const { overrides, keys } of [
    {
      overrides: ["model.trains.unet=false", "model.trains.textEncoder=false"],
      keys: "model.trains.unet together with model.trains.textEncoder",
    },
    {
      overrides: ["data.cache.textEmbeddings=memory"],
      keys: "data.cache.textEmbeddings together with model.trains.textEncoder",
    },
    {
      overrides: [
        "data.instance=null",
        "data.class=null",
        "data.buckets=true",
        "data.subjects=[{ instance: { folder: a, token: sks, class: cat } }, { instance: { folder: b, token: zwx, class: dog } }]",
      ],
      keys: "data.subjects together with data.buckets",
    },
    {
      overrides: ["loss.pairing=twoPass", "trainer.precision=16-mixed"],
      keys: "loss.pairing together with trainer.precision",
    },
  ]) {
    it(`refuses ${overrides.join(" ")}`, async () => {
      const { refused } = await told(...overrides);
      expect(refused)
        .to.match(/^Cannot use /)
        .and.include(keys);
    });
  }

  for (const { overrides, keys } of [
    {
      overrides: ["loss.priorWeight=0", "data.class.captionDropout=0", "data.class.folder=own"],
      keys: "loss.priorWeight together with data.class.folder",
    },
    {
      overrides: ["loss.priorWeight=0"],
      keys: "loss.priorWeight together with data.class.captionDropout",
    },
    {
      overrides: ["loss.priorWeight=0", "data.class.captionDropout=0", "loss.pairing=twoPass"],
      keys: "loss.pairing together with loss.priorWeight",
    },
    {
      overrides: ["data.instance.shuffleCaptions=true"],
      keys: "data.instance.captions together with data.instance.shuffleCaptions",
    },
    {
      overrides: ["data.instance.masks=masks"],
      keys: "loss.masked together with data.instance.masks",
    },
    {
      overrides: ["loss.unmaskedWeight=0.5"],
      keys: "loss.masked together with loss.unmaskedWeight",
    },
    {
      overrides: ["loss.huberSchedule=snr"],
      keys: "loss.type together with loss.huberSchedule",
    },
  ]) {
    it(`warns of ${overrides.join(" ")}`, async () => {
      const { refused, warned } = await told(...overrides);
      expect(refused).to.equal("");
      expect(warned.length).to.equal(1);
      expect(warned[0])
        .to.match(/^No need of /)
        .and.include(keys);
    });
  }
});
