import { expect } from "chai";
import { describe, it } from "mocha";

import { imageBatches } from "../../../framework/pipelines/imageBatches.ts";

/** A chunk for each letter. */
const chunksOf = (prompt: string): number => Math.max(1, prompt.length);

describe("imageBatches()", () => {
  it("makes as few batches as can be, of one size", () => {
    const prompts = ["a", "b", "c", "d", "e"];
    expect(imageBatches({ prompts, seeds: [1, 2, 3, 4, 5], batchSize: 4 }, chunksOf)).to.deep.equal(
      [
        { indices: [0, 1, 2], prompts: ["a", "b", "c"], seeds: [1, 2, 3] },
        { indices: [3, 4], prompts: ["d", "e", "e"], seeds: [4, 5, 5] },
      ],
    );
  });

  it("keeps prompts of different lengths apart, short ones first", () => {
    const request = { prompts: ["long", "a", "tall"], seeds: [1, 2, 3] };
    const indices = (more: object): unknown =>
      imageBatches({ ...request, ...more }, chunksOf).map((batch) => batch.indices);
    expect(indices({})).to.deep.equal([[1], [0, 2]]);
    expect(indices({ negativePrompt: "longer" })).to.deep.equal([[0, 1, 2]]);
    expect(indices({ negativePrompt: "longer", guidanceScale: 1 })).to.deep.equal([[1], [0, 2]]);
  });
});
