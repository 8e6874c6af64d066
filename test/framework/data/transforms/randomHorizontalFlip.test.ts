import { expect } from "chai";
import { describe, it } from "mocha";

import { rgbaImage } from "../../../../framework/data/image.ts";
import { randomHorizontalFlip } from "../../../../framework/data/transforms/randomHorizontalFlip.ts";
import { countedPicture, draws, redsOf } from "./pictures.ts";

describe("randomHorizontalFlip()", () => {
  it("mirrors half of the time", async () => {
    const flips = (await draws(randomHorizontalFlip(), countedPicture(2, 2), 400)).map((image) =>
      redsOf(image).join(),
    );
    expect(new Set(flips)).to.deep.equal(new Set(["0,1,2,3", "1,0,3,2"]));
    // Four standard deviations of a binomial: 4 * sqrt(400 / 4).
    expect(flips.filter((flip) => flip === "1,0,3,2").length).to.be.closeTo(200, 40);
  });

  it("mirrors always or never, and whole pixels", async () => {
    const image = rgbaImage(2, 1, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    const [always] = await draws(randomHorizontalFlip(1), image, 1);
    expect([...always!.data]).to.deep.equal([5, 6, 7, 8, 1, 2, 3, 4]);
    for (const never of await draws(randomHorizontalFlip(0), image, 20)) {
      expect(never).to.equal(image);
    }
  });
});
