import { expect } from "chai";
import { describe, it } from "mocha";

import { formatList, parseList } from "../../../../../framework/dashboard/page/address/list.ts";

describe("formatList() and parseList()", () => {
  it("keep items with commas and percent signs apart", () => {
    const items = ["metrics.a,b", "50%", "%2C", "plain"];
    expect(parseList(formatList(items) ?? "")).to.deep.equal(items);
  });

  it("take nothing for an empty list", () => {
    expect(formatList([])).to.equal(null);
    expect(parseList(undefined)).to.deep.equal([]);
    expect(parseList("")).to.deep.equal([]);
  });
});
