import { expect } from "chai";
import { describe, it } from "mocha";

import { randomCrop } from "../../../../framework/data/transforms/randomCrop.ts";
import { countedPicture, draws, redsOf } from "./pictures.ts";

describe("randomCrop()", () => {
  it("takes each place about equally often, and no other", async () => {
    const crops = await draws(randomCrop({ width: 3, height: 1 }), countedPicture(4, 2), 400);
    const counts = new Map<string, number>();
    for (const crop of crops) {
      const key = redsOf(crop).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect([...counts.keys()]).to.have.members(["0,1,2", "1,2,3", "4,5,6", "5,6,7"]);
    // Four standard deviations of a binomial: 4 * sqrt(400 * 1/4 * 3/4).
    for (const count of counts.values()) expect(count).to.be.closeTo(100, 35);
  });

  it("gives the whole picture when it has the size", async () => {
    const [crop] = await draws(randomCrop(3), countedPicture(3, 3), 1);
    expect(crop).to.deep.equal(countedPicture(3, 3));
  });

  it("refuses a picture that is smaller", async () => {
    const error = await draws(randomCrop(3), countedPicture(2, 3), 1).catch((e: unknown) => e);
    expect(error).to.be.instanceOf(RangeError);
  });
});
