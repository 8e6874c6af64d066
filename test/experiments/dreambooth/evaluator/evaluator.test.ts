import { expect } from "chai";
import { before, describe, it } from "mocha";
import {
  compositeOn,
  readImages,
  resizeImage,
  type Rgb,
  type RgbaImage,
  type RgbImage,
} from "seedbed";

import {
  createScorer,
  diversity,
  evaluateSubject,
  relativeFidelity,
} from "../../../../experiments/dreambooth/evaluator/evaluator.ts";
import { mean, withCentre } from "../../../../experiments/dreambooth/evaluator/features.ts";
import { hogAndColours } from "../../../../experiments/dreambooth/evaluator/hogFeatures.ts";

const white: Rgb = [255, 255, 255];
const blue: Rgb = [51, 85, 221];
const features = withCentre(hogAndColours);

interface Frames {
  instances: RgbaImage[];
  references: RgbaImage[];
}

async function readSubject(name: string): Promise<Frames> {
  return {
    instances: await readFrames(`subjects/${name}`),
    references: await readFrames(`subjects/${name}/reference`),
  };
}

async function readFrames(folder: string): Promise<RgbaImage[]> {
  const images = await readImages(folder);
  return Promise.all(images.map(({ image }) => resizeImage(image, 64, 64)));
}

function on(images: readonly RgbaImage[], colour: Rgb): RgbImage[] {
  return images.map((image) => compositeOn(image, colour));
}

describe("evaluateSubject()", () => {
  let cat: Frames;
  let penguin: Frames;

  before(async () => {
    cat = await readSubject("cat");
    penguin = await readSubject("penguin");
  });

  it("gives 1 to the references themselves, and 0 to the class", async () => {
    const classBaseline = on(cat.instances, white);
    const perfect = await evaluateSubject(features, penguin, {
      subject: on(penguin.references, white),
      classBaseline,
    });
    expect(perfect.fidelity).to.be.closeTo(1, 1e-12);
    expect(perfect.features).to.equal("hogAndColours");
    expect(perfect.referenceSimilarity).to.be.greaterThan(0.7);
    expect(perfect.classSimilarity).to.be.lessThan(0.2);
    const none = await evaluateSubject(features, penguin, {
      subject: classBaseline,
      classBaseline,
    });
    expect(none.fidelity).to.equal(0);
  });

  it("does not mind the background of a sample", async () => {
    const scorer = createScorer(features, penguin.instances);
    const [onWhite, onBlue] = await Promise.all(
      [white, blue].map(async (colour) =>
        mean(await scorer.similarities(on(penguin.references, colour))),
      ),
    );
    expect(onBlue).to.be.closeTo(onWhite!, 0.05);
  });

  it("counts samples on the named colour that show the subject", async () => {
    const [reference, ...others] = on(penguin.references, blue);
    const { backgroundSuccess } = await evaluateSubject(features, penguin, {
      subject: [reference!],
      classBaseline: on(cat.instances, white),
      coloured: [
        { image: others[0]!, colour: [40, 90, 215] }, // as good as the named colour
        { image: others[1]!, colour: [220, 40, 40] }, // another colour
        { image: on(cat.references, blue)[0]!, colour: blue }, // another subject
      ],
    });
    expect(backgroundSuccess).to.be.closeTo(1 / 3, 1e-12);
  });

  it("tells whether the class was kept", async () => {
    const both = on([cat.instances[0]!, penguin.instances[0]!], white);
    const { prior } = await evaluateSubject(features, penguin, {
      subject: on(penguin.references, white),
      classBaseline: both,
      classAfter: on([penguin.instances[0]!, penguin.instances[0]!], white),
    });
    expect(prior!.diversityBefore).to.equal(await diversity(features, both));
    expect(prior!.diversityRatio).to.be.closeTo(0, 1e-12); // twice the same image
    expect(prior!.similarityAfter).to.be.greaterThan(prior!.similarityBefore);
  });

  it("takes opaque pictures as they are", async () => {
    const { fidelity } = await evaluateSubject(
      features,
      { instances: on(penguin.instances, white), references: on(penguin.references, white) },
      { subject: on(penguin.references, white), classBaseline: on(cat.instances, white) },
    );
    expect(fidelity).to.be.closeTo(1, 1e-12);
  });

  it("refuses empty groups and other sizes", async () => {
    const subject = on(penguin.references, white);
    const small = await resizeImage(subject[0]!, 32, 32);
    for (const { samples, message } of [
      {
        samples: { subject: [], classBaseline: subject },
        message: "expected >= 1 subject samples",
      },
      {
        samples: { subject, classBaseline: subject, classAfter: subject.slice(0, 1) },
        message: "expected >= 2 class samples after, got 1",
      },
      {
        samples: { subject: [small], classBaseline: subject },
        message: "expected subject samples of 64 x 64 pixels, got 32 x 32",
      },
    ]) {
      const error: unknown = await evaluateSubject(features, penguin, samples).catch(
        (caught: unknown) => caught,
      );
      expect(error).to.be.instanceOf(RangeError);
      expect(String(error)).to.include(message);
    }
  });
});

describe("relativeFidelity()", () => {
  it("places a similarity between class and reference", () => {
    expect(relativeFidelity(0.6, 0.4, 0.8)).to.be.closeTo(0.5, 1e-12);
    expect(relativeFidelity(0.3, 0.4, 0.8)).to.be.lessThan(0);
    expect(Number.isNaN(relativeFidelity(0.6, 0.8, 0.8))).to.equal(true);
  });
});
