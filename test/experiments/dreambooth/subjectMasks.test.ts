import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";
import { encodePng, InputError, rgbaImage } from "seedbed";

import { readMasks } from "../../../experiments/dreambooth/subjectMasks.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const plain = (width: number, height: number, value: number) =>
  rgbaImage(width, height, new Uint8Array(width * height * 4).fill(value));

describe("readMasks()", () => {
  const temporary = temporaryFolder();

  /** A folder with masks of 4 x 2 pixels. */
  async function masks(...names: string[]): Promise<string> {
    const folder = temporary.path("masks");
    mkdirSync(folder);
    for (const name of names) {
      writeFileSync(path.join(folder, name), await encodePng(plain(4, 2, 255)));
    }
    return folder;
  }

  const photo = { file: "pictures/a.jpg", image: plain(4, 2, 255) };
  const cutOut = { file: "pictures/b.png", image: plain(4, 2, 128) };

  it("finds the masks of photographs by name", async () => {
    const [mask] = await readMasks([photo], await masks("a.png", "other.png"));
    expect([mask!.width, mask!.height]).to.deep.equal([4, 2]);
  });

  it("has none for cut-out pictures, which are their own", async () => {
    expect(await readMasks([cutOut, cutOut], null)).to.deep.equal([undefined, undefined]);
  });

  for (const { name, pictures, files, message } of [
    {
      name: "a photograph without a mask",
      pictures: [photo],
      files: undefined,
      message: /a\.jpg: expected transparency around the subject, got none; name masks/,
    },
    {
      name: "a picture that no mask is named after",
      pictures: [photo],
      files: ["c.png"],
      message: /a\.jpg: expected a picture of that name in data\.instance\.masks/,
    },
    {
      name: "a cut-out picture beside masks",
      pictures: [cutOut],
      files: ["b.png"],
      message: /b\.png: expected no transparency beside data\.instance\.masks/,
    },
    {
      name: "a picture that shows nothing",
      pictures: [{ ...cutOut, image: plain(4, 2, 0) }],
      files: undefined,
      message: /b\.png: expected a mask that shows something, got none/,
    },
    {
      name: "a mask of another size",
      pictures: [{ ...photo, image: plain(3, 2, 255) }],
      files: ["a.png"],
      message: /expected a mask of 3 x 2 pixels, got 4 x 2/,
    },
  ]) {
    it(`refuses ${name}`, async () => {
      const folder = files ? await masks(...files) : null;
      const error = await readMasks(pictures, folder).catch((cause: unknown) => cause);
      expect(error).to.be.instanceOf(InputError);
      expect(String(error)).to.match(message);
    });
  }
});
