import { expect } from "chai";
import { describe, it } from "mocha";
import { hostTensor, RandomStream, rgbaImage, type RgbaImage } from "seedbed";

import type { Framing } from "../../../../experiments/dreambooth/pictures/framing.ts";
import { withMask } from "../../../../experiments/dreambooth/pictures/masks.ts";
import {
  subjectCopies,
  type SubjectPicture,
} from "../../../../experiments/dreambooth/subjectCopies.ts";
import { noiseCopy } from "./copies.ts";

/** Black pixels in the columns that are lit, in 8 x 8 that are clear or opaque elsewhere. */
function columns(lit: number, elsewhere: number): RgbaImage {
  const data = new Uint8Array(8 * 8 * 4);
  for (let i = 0; i < 64; i++) data[4 * i + 3] = i % 8 < lit ? 255 : elsewhere;
  return rgbaImage(8, 8, data);
}

/** White in the first columns, black elsewhere. */
function whiteColumns(lit: number): RgbaImage {
  const value = (i: number) => (i % 4 === 3 || Math.floor(i / 4) % 8 < lit ? 255 : 0);
  return rgbaImage(
    8,
    8,
    Uint8Array.from({ length: 8 * 8 * 4 }, (_, i) => value(i)),
  );
}

describe("withMask()", () => {
  const example = { latents: hostTensor(new Float32Array(4), [1, 2, 2]) };
  const masking = { factor: 4, outside: 0 };

  async function copiesOf(picture: SubjectPicture, frame: Partial<Framing> = {}) {
    return subjectCopies([picture], {
      sizeOf: () => ({ width: 8, height: 8 }),
      framing: { crop: "center", flip: 0, background: [255, 255, 255], ...frame },
      variants: 2,
      movement: 1,
      seed: 1,
      instance: { prompt: "a", prompts: ["a"], backgrounds: {} },
    });
  }

  it("masks a cut-out picture by its transparency, in latents", async () => {
    const [copy] = await copiesOf({ image: columns(4, 0) });
    const { latents, mask } = await withMask(example, copy!, masking);
    expect(latents).to.equal(example.latents);
    expect(mask).to.deep.equal(hostTensor(Float32Array.of(2, 0, 2, 0), [1, 2, 2]));
  });

  it("masks a photograph by its mask", async () => {
    const [copy] = await copiesOf({ image: columns(8, 255), mask: whiteColumns(4) });
    const { mask } = await withMask(example, copy!, { ...masking, outside: 0.5 });
    expect([...mask!.values].map((weight) => weight / mask!.values[1]!)).to.deep.equal([
      2, 1, 2, 1,
    ]);
  });

  it("mirrors and moves the mask with the picture", async () => {
    const [mirrored] = await copiesOf({ image: columns(4, 0) }, { flip: 1 });
    expect([...(await withMask(example, mirrored!, masking)).mask!.values]).to.deep.equal([
      0, 2, 0, 2,
    ]);
    const [, moved] = await copiesOf({ image: columns(4, 0) });
    const stream = () => new RandomStream(7, "visit");
    const { data } = await moved!.picture(stream());
    const shown = await moved!.mask!(stream());
    // On white, a black pixel of the subject is as dark as it is shown.
    shown.forEach((alpha, i) => expect(data[3 * i]! + alpha).to.be.closeTo(255, 1));
    expect(new Set(shown).size, "edges between").to.be.above(2);
  });

  it("counts every place of a picture without a mask alike", async () => {
    const { mask } = await withMask(example, noiseCopy(1, { width: 8, height: 8 }), masking);
    expect(mask).to.deep.equal(hostTensor(Float32Array.of(1, 1, 1, 1), [1, 2, 2]));
  });
});
