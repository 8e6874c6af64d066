import { expect } from "chai";
import { describe, it } from "mocha";

import { rgbaImage } from "../../../../framework/data/image.ts";
import { randomAffine } from "../../../../framework/data/transforms/randomAffine.ts";
import { draws, redsOf } from "./pictures.ts";

describe("randomAffine()", () => {
  it("moves a picture into its frame, with the ranges that it is given", async () => {
    const pixels = Uint8Array.from({ length: 16 }, (_, i) => [10, 20, 30, 255][i % 4]!);
    const image = rgbaImage(2, 2, pixels);
    const [still] = await draws(randomAffine({ size: 4 }), image, 1);
    expect([still!.width, still!.height]).to.deep.equal([4, 4]);
    const alphas = (moved: typeof image): number[] => [...moved.data].filter((_, i) => i % 4 === 3);
    const shrunk = await draws(randomAffine({ size: 4, scale: [0.5, 0.5] }), image, 2);
    expect(shrunk[0]).to.deep.equal(shrunk[1]);
    expect(alphas(shrunk[0]!)[0]).to.equal(0);
    expect(redsOf(shrunk[0]!)[5]).to.equal(10);
    const shifted = await draws(randomAffine({ size: 4, shift: 0.5 }), image, 2);
    expect(shifted[0]).to.not.deep.equal(shifted[1]);
  });
});
