import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../../framework/base/random.ts";
import { centerCrop } from "../../../../framework/data/transforms/centerCrop.ts";
import { countedPicture, redsOf } from "./pictures.ts";

describe("centerCrop()", () => {
  const crop = async (size: Parameters<typeof centerCrop>[0], width: number, height: number) =>
    redsOf(await centerCrop(size)(countedPicture(width, height), new RandomStream(0, "unused")));

  it("keeps the middle, a square or a rectangle", async () => {
    expect(await crop(2, 4, 4)).to.deep.equal([5, 6, 9, 10]);
    expect(await crop({ width: 1, height: 2 }, 4, 3)).to.deep.equal([1, 5]);
  });

  it("refuses a picture that is smaller", async () => {
    const error = await crop(5, 4, 6).catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(RangeError);
    expect(error).to.include({
      message: "Cannot crop 5 x 5 at (-1, 0): the image has 4 x 6; resize it first",
    });
  });
});
