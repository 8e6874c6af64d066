import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { checkPruning, prunedSizes } from "../../../experiments/nano/pruning.ts";

const all = { layers: null, feedForward: null, keyValueHeads: null, features: null, batches: 8 };
const folder = path.join(import.meta.dirname, "../../fixtures/nano/smollm2-tiny");

describe("prunedSizes()", () => {
  it("is what is asked for, if anything", () => {
    expect(prunedSizes(all)).to.equal(undefined);
    expect(prunedSizes({ ...all, layers: 2 })).to.deep.equal({ layers: 2 });
  });
});

describe("checkPruning()", () => {
  it("refuses to cut nothing, or more than there is", () => {
    checkPruning(null, all);
    checkPruning(folder, { ...all, layers: 1, feedForward: 4 });
    expect(() => checkPruning(null, { ...all, layers: 1 })).to.throw(
      "Cannot prune: expected a model to cut, got model.folder null",
    );
    expect(() => checkPruning(folder, { ...all, layers: 99 })).to.throw(
      /Cannot prune layers: expected an integer from 1 to \d+, as many as the model has, got 99 \(.*smollm2-tiny\)/,
    );
  });
});
