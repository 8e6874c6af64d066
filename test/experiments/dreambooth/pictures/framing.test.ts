import { expect } from "chai";
import { describe, it } from "mocha";

import { cropper, plainPicture } from "../../../../experiments/dreambooth/pictures/framing.ts";
import { RandomStream } from "../../../../framework/base/random.ts";
import { rgbaImage, type Image } from "../../../../framework/data/image.ts";

/** A picture of 64 x 16 whose red says in which column it is, clear from some column on. */
function columns(clearFrom = 64) {
  const data = new Uint8Array(64 * 16 * 4);
  for (let i = 0; i < 64 * 16; i++) {
    const x = i % 64;
    data.set([x * 4, 0, 0, x < clearFrom ? 255 : 0], i * 4);
  }
  return rgbaImage(64, 16, data);
}

const reds = ({ data, channels, width }: Image) =>
  Array.from({ length: width }, (_, x) => data[x * channels]!);

describe("cropper()", () => {
  const size = { width: 16, height: 16 };
  const random = (step: number) => new RandomStream(1, "crops", step);

  it("takes the middle without drawing a number", async () => {
    const show = await cropper(columns(), size, "center");
    const drawn = random(0);
    const middle = Array.from({ length: 16 }, (_, x) => (24 + x) * 4);
    expect(reds(await show(drawn))).to.deep.equal(middle);
    expect(drawn.uint32()).to.equal(random(0).uint32());
  });

  it("takes any part by chance, never stretched", async () => {
    const show = await cropper(columns(), size, "random");
    const starts = new Set<number>();
    for (let step = 0; step < 40; step++) {
      const found = reds(await show(random(step)));
      expect(found.at(-1)! - found[0]!).to.equal(15 * 4); // 16 neighbouring columns
      starts.add(found[0]! / 4);
    }
    expect(starts.size).to.be.above(20);
    expect(await show(random(3))).to.deep.equal(await show(random(3)));
  });

  it("makes the shorter side fit and cuts the longer one", async () => {
    const show = await cropper(columns(), { width: 8, height: 8 }, "center");
    const found = reds(await show(random(0)));
    expect(found.length).to.equal(8);
    expect(found.at(-1)! - found[0]!).to.be.closeTo(7 * 8, 2); // columns twice as far apart
  });

  it("keeps all of a picture that has the frame's shape", async () => {
    const show = await cropper(columns(), { width: 32, height: 8 }, "random");
    expect(await show(random(1))).to.deep.equal(await show(random(2)));
  });
});

describe("plainPicture()", () => {
  it("lays what is transparent on white, or what is asked for", async () => {
    const white = await plainPicture(columns(32), 16);
    expect([white.width, white.height]).to.deep.equal([16, 16]);
    expect([...white.data.subarray(-3)]).to.deep.equal([255, 255, 255]);
    expect([...white.data.subarray(0, 3)]).to.deep.equal([96, 0, 0]);
    const dark = await plainPicture(columns(32), 16, [1, 2, 3]);
    expect([...dark.data.subarray(-3)]).to.deep.equal([1, 2, 3]);
  });
});
