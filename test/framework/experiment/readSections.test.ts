import { expect } from "chai";
import { describe, it } from "mocha";

import { readSections } from "../../../framework/experiment/readSections.ts";

describe("readSections()", () => {
  const sections = {
    data: { type: "object", properties: { size: { type: "integer", default: 64 } } },
    export: { type: "object" },
  };
  const common = { experiment: "drawing", seed: 1, trainer: {} };

  it("gives the experiment's sections alone, with their defaults", () => {
    const spec = { ...common, data: {} };
    expect(readSections(spec, sections)).to.deep.equal({ data: { size: 64 } });
    expect(spec.data, "the spec itself").to.deep.equal({});
  });

  it("names the experiment where one is wrong", () => {
    expect(() => readSections({ ...common, data: { size: "big" } }, sections)).to.throw(
      TypeError,
      "Cannot build drawing: data.size must be integer",
    );
  });
});
