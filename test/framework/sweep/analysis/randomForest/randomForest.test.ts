import { expect } from "chai";
import { describe, it } from "mocha";

import {
  foretoldShare,
  growForest,
  predict,
} from "../../../../../framework/sweep/analysis/randomForest/randomForest.ts";
import { goldenParameters, goldenValues } from "../goldenSearch.ts";
import { evenPoints, unit } from "../searchedSpace.ts";

describe("growForest()", () => {
  it("is the same for the same points", () => {
    const grow = () => growForest(goldenParameters(true), goldenValues);
    expect(grow()).to.deep.equal(grow());
  });

  it("has trees that know the points they were grown on", () => {
    const { x } = evenPoints(32);
    const { trees, features } = growForest([unit(x)], x);
    for (const { root, unseen } of trees) {
      const hidden = new Set(unseen);
      expect(unseen).to.have.length.within(4, 22); // a third or so are never drawn
      for (const [i, value] of x.entries()) {
        if (!hidden.has(i)) expect(predict(root, features, i)).to.equal(value);
      }
    }
  });
});

describe("foretoldShare()", () => {
  it("is near 1 where parameters decide all, and not above 0 where they decide nothing", () => {
    const { x } = evenPoints(128);
    const noise = x.map((_, i) => ((i * 7919) % 128) / 128);
    expect(foretoldShare(growForest([unit(x)], x))).to.be.above(0.98);
    expect(foretoldShare(growForest([unit(x)], noise))).to.be.below(0.1);
  });

  it("is unknown where points do not differ", () => {
    expect(foretoldShare(growForest([unit([0.1, 0.9])], [1, 1]))).to.equal(undefined);
  });
});
