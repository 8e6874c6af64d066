import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../../framework/base/random.ts";
import { resize } from "../../../../framework/data/transforms/resize.ts";
import { countedPicture, redsOf } from "./pictures.ts";

const random = new RandomStream(0, "unused");

describe("resize()", () => {
  const cases = [
    {
      title: "a number is the shorter side of a wide picture",
      size: 4,
      from: [7, 5],
      want: [5, 4],
    },
    { title: "and of a tall one", size: 4, from: [5, 7], want: [4, 5] },
    { title: "and of a square", size: 4, from: [8, 8], want: [4, 4] },
    { title: "two give both", size: { width: 3, height: 9 }, from: [7, 5], want: [3, 9] },
  ];
  for (const { title, size, from, want } of cases) {
    it(title, async () => {
      const { width, height } = await resize(size)(countedPicture(from[0]!, from[1]!), random);
      expect([width, height]).to.deep.equal(want);
    });
  }

  it("takes a filter", async () => {
    const doubled = await resize({ width: 4, height: 1 }, "nearest")(countedPicture(2, 1), random);
    expect(redsOf(doubled)).to.deep.equal([0, 0, 1, 1]);
  });
});
