import { mkdirSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";
import sharp from "sharp";

import { readStartPicture } from "../../../../framework/cli/sampling/startPictures.ts";
import { stableDiffusionSchedule } from "../../../../framework/diffusion/schedulerConfig.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const plan = { scheduler: stableDiffusionSchedule, width: 4, height: 2, strength: 0.5 };

describe("readStartPicture()", () => {
  const folder = temporaryFolder();

  /** Grey, as bright in every row as its value says. */
  async function picture(name: string, rows: number[], width: number): Promise<string> {
    mkdirSync(folder.path(), { recursive: true });
    const data = Uint8Array.from({ length: rows.length * width }, (_, i) => {
      return rows[Math.floor(i / width)]!;
    });
    const raw = { width, height: rows.length, channels: 1 } as const;
    await sharp(data, { raw }).png().toFile(folder.path(name));
    return folder.path(name);
  }

  it("takes the largest part in the middle that has the images' proportions", async () => {
    const initImage = await picture("tall.png", [0, 0, 255, 255, 0, 0], 4);
    const mask = await picture("mask.png", [255, 255, 0, 255, 255, 255], 4);
    const start = await readStartPicture({ initImage, mask }, plan);
    expect(start!.strength).to.equal(0.5);
    expect(start!.pixels.shape).to.deep.equal([1, 3, 2, 4]);
    expect([...start!.pixels.values]).to.deep.equal(Array(24).fill(1));
    expect(start!.mask!.shape).to.deep.equal([1, 1, 2, 4]);
    expect([...start!.mask!.values]).to.deep.equal([0, 0, 0, 0, 1, 1, 1, 1]);
  });

  it("resizes that part", async () => {
    const initImage = await picture("large.png", Array(40).fill(51), 80);
    const start = await readStartPicture({ initImage, mask: undefined }, plan);
    start!.pixels.values.forEach((value) => expect(value).to.be.closeTo(51 / 127.5 - 1, 1e-6));
    expect(start!.mask).to.equal(undefined);
  });

  it("gives nothing where no picture is given", async () => {
    expect(await readStartPicture({ initImage: undefined, mask: undefined }, plan)).to.equal(
      undefined,
    );
  });
});
