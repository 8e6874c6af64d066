import { expect } from "chai";
import { describe, it } from "mocha";

import { concatBatches, splitBatch, stackExamples } from "../../../framework/data/stackExamples.ts";
import { numbersExample as example } from "./examples.ts";

describe("stackExamples()", () => {
  it("refuses unlike examples", () => {
    expect(() => stackExamples([example(1), example(1, 2)])).to.throw(RangeError, `"x" alike`);
    expect(() => stackExamples([example(1), { x: example(1)["x"]! }])).to.throw(
      RangeError,
      "same entries",
    );
  });

  it("is undone by splitBatch(), and concatBatches() joins", () => {
    const examples = [example(1, 2), example(3, 4)];
    const batch = stackExamples(examples);
    expect(splitBatch(batch)).to.deep.equal(examples);
    expect(concatBatches([batch, stackExamples([example(5, 6)])])).to.deep.equal(
      stackExamples([...examples, example(5, 6)]),
    );
  });
});
