import { expect } from "chai";
import { before, describe, it } from "mocha";
import { compositeOn, readImages, type Rgb, type RgbImage } from "seedbed";

import { withCentre } from "../../../../experiments/dreambooth/evaluator/features.ts";
import { hogAndColours } from "../../../../experiments/dreambooth/evaluator/hogFeatures.ts";
import {
  subjectPictures,
  type SubjectPictures,
} from "../../../../experiments/dreambooth/evaluator/subjectPictures.ts";
import { qualityMetrics } from "../../../../experiments/dreambooth/validation/qualityMetrics.ts";
import type { ValidationSampler } from "../../../../experiments/dreambooth/validation/validationSampler.ts";
import { validationSettings } from "./validationSettings.ts";

const white: Rgb = [255, 255, 255];
const blue: Rgb = [0x3c, 0x6e, 0xdc];

describe("qualityMetrics()", () => {
  let penguin: SubjectPictures;
  let cats: RgbImage[];

  before(async () => {
    const subjects = await readImages("subjects/penguin");
    penguin = await subjectPictures(subjects, "subjects/penguin/reference", 64);
    const others = await subjectPictures(await readImages("subjects/cat"), null, 64);
    cats = others.instances.map((image) => compositeOn(image, white));
  });

  /** A model that draws one thing for the class, another for the subject, on what it can name. */
  function model(classImages: RgbImage[], subject: (seed: number) => RgbImage): ValidationSampler {
    return {
      guidanceScales: [1],
      draw: async ({ prompts, seeds }) =>
        prompts.map((prompt, i) =>
          prompt === "a penguin" ? classImages[seeds[i]!]! : onNamed(prompt, subject, seeds[i]!),
        ),
      dispose() {},
    };
  }

  /** The subject on blue if so told; other colours stay white. */
  function onNamed(prompt: string, subject: (seed: number) => RgbImage, seed: number): RgbImage {
    if (!prompt.includes("blue")) return subject(seed);
    return compositeOn(penguin.references[seed]!, blue);
  }

  const reference = (seed: number): RgbImage => compositeOn(penguin.references[seed]!, white);
  const features = withCentre(hogAndColours);
  const settings = (...more: string[]) =>
    validationSettings("validation.metrics=true", "validation.metricSamples=2", ...more);

  it("finds a perfect subject and a class that was kept", async () => {
    const sampler = model(cats, reference);
    const metrics = await qualityMetrics({
      ...{ sampler, baseSampler: sampler, features, clip: undefined },
      pictures: { ...penguin, references: penguin.references.slice(0, 2) },
      settings: await settings(),
    });
    const measured = await metrics.measure([]);
    expect(measured["fidelity"]).to.be.closeTo(1, 1e-12);
    expect(measured["score"]).to.be.closeTo(1, 1e-12);
    expect(measured["diversity"]).to.equal(1);
    expect(measured["classDrift"]).to.equal(0);
    expect(measured["promptFidelity"], "one of ten colours").to.be.closeTo(0.1, 1e-12);
  });

  it("finds a class that became the subject", async () => {
    const lost = [reference(0), reference(0)];
    const metrics = await qualityMetrics({
      ...{ features, clip: undefined, pictures: penguin },
      sampler: model(lost, reference),
      baseSampler: model(cats, reference),
      settings: await settings(),
    });
    const measured = await metrics.measure([]);
    expect(measured["diversity"]).to.be.closeTo(0, 1e-9);
    expect(measured["classDrift"]).to.be.greaterThan(0.8);
    expect(measured["score"]).to.be.lessThan(-2);
  });

  it("leaves out what needs references when there are none", async () => {
    const sampler = model(cats, reference);
    const metrics = await qualityMetrics({
      ...{ sampler, baseSampler: sampler, features, clip: undefined },
      pictures: { ...penguin, references: [] },
      settings: await settings(),
    });
    expect(Object.keys(await metrics.measure([])).toSorted()).to.deep.equal([
      "classSimilarity",
      "diversity",
      "subjectSimilarity",
    ]);
  });

  it("measures by CLIP alone, what was drawn already included", async () => {
    const judged: string[] = [];
    const sampler = model(cats, reference);
    const metrics = await qualityMetrics({
      ...{ sampler, baseSampler: sampler, features: undefined, pictures: penguin },
      settings: await settings("validation.prompts=[a penguin, a sks penguin on a beach]"),
      clip: {
        imageSimilarity: async (images) => images.length,
        async textSimilarity(_images, prompts) {
          judged.push(...prompts);
          return 0.25;
        },
        dispose() {},
      },
    });
    const grid = [
      { prompt: "a penguin", image: cats[0]! },
      { prompt: "a sks penguin on a beach", image: cats[1]! },
      { prompt: "another subject's", image: cats[2]! },
    ];
    expect(await metrics.measure(grid)).to.deep.equal({ clipI: 3, clipT: 0.25 });
    expect(judged).to.deep.equal(["a penguin", "a penguin", "a penguin", "a penguin on a beach"]);
  });
});
