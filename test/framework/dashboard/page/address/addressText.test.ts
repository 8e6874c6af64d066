import { expect } from "chai";
import { describe, it } from "mocha";

import {
  formatAddress,
  parseAddress,
} from "../../../../../framework/dashboard/page/address/addressText.ts";

describe("parseAddress() and formatAddress()", () => {
  it("take an address apart and put it together again", () => {
    const text = '/run/a%2Fb/media?filter=config.lr<1e-3+and+tags+has+"best"&step=500';
    const { path, parameters } = parseAddress(`#${text}`);
    expect(path).to.deep.equal(["run", "a/b", "media"]);
    expect(parameters).to.deep.equal({ filter: 'config.lr<1e-3 and tags has "best"', step: "500" });
    expect(formatAddress(path, parameters)).to.equal(text);
  });

  it("keep every sign of a parameter", () => {
    const filter = "a+b & c#d ? %2F 100% ü — '`\n";
    const { parameters } = parseAddress(`#${formatAddress(["runs"], { filter })}`);
    expect(parameters).to.deep.equal({ filter });
  });

  it("leave out what is null", () => {
    expect(formatAddress(["runs"], { filter: null, group: "" })).to.equal("/runs?group=");
  });

  it("read an address that nobody escaped", () => {
    expect(parseAddress("#/run/100%").path).to.deep.equal(["run", "100%"]);
    expect(parseAddress("")).to.deep.equal({ path: [], parameters: {} });
  });
});
