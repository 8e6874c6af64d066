import { expect } from "chai";
import { describe, it } from "mocha";

import { joinSummaries } from "../../../experiments/dreambooth/measureSubjects.ts";

describe("joinSummaries()", () => {
  it("leaves one subject's lines as they are", () => {
    const summary = { features: "mobileNet", fidelity: 0.5 };
    expect(joinSummaries([{ name: undefined, summary }])).to.equal(summary);
  });

  it("gives means of what all subjects have, and each one's own", () => {
    const joined = joinSummaries([
      { name: "a-sks-cat", summary: { features: "mobileNet", diversity: 0.8, fidelity: 0.5 } },
      { name: "a-zwx-clock", summary: { features: "mobileNet", diversity: 0.6 } },
    ]);
    expect(joined).to.deep.equal({
      features: "mobileNet",
      diversity: 0.7,
      "a-sks-cat/diversity": 0.8,
      "a-sks-cat/fidelity": 0.5,
      "a-zwx-clock/diversity": 0.6,
    });
  });
});
