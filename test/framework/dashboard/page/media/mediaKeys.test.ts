import { expect } from "chai";
import { describe, it } from "mocha";

import { mediaOverview } from "../../../../../framework/dashboard/page/media/mediaKeys.ts";

describe("mediaOverview()", () => {
  it("has each key of any run once, and all steps", () => {
    const overview = mediaOverview(
      [
        [
          { kind: "text", key: "prompt", steps: [0, 10] },
          { kind: "images", key: "samples", steps: [5, 10] },
        ],
        [
          { kind: "images", key: "samples", steps: [7] },
          { kind: "histogram", key: "weights", steps: [1] },
        ],
      ],
      ["images", "text"],
    );
    expect(overview).to.deep.equal({
      keys: [
        { kind: "images", key: "samples" },
        { kind: "text", key: "prompt" },
      ],
      steps: [0, 5, 7, 10],
    });
  });
});
