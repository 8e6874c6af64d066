import { expect } from "chai";
import { describe, it } from "mocha";

import {
  dashesOf,
  hueOf,
  runColour,
} from "../../../../../framework/dashboard/page/colours/runColour.ts";

describe("runColour()", () => {
  const parts = (group: string, seed: number): string[] =>
    runColour({ group, seed, colour: null }, false).split(/[( )]/).slice(1, 4);

  it("gives runs of a group one hue and chroma, and seeds their own lightness", () => {
    const [first, second] = [parts("a", 0), parts("a", 1)];
    expect(first.slice(1)).to.deep.equal(second.slice(1));
    expect(first[0]).to.not.equal(second[0]);
  });

  it("takes the user's colour, but nothing else in its place", () => {
    expect(runColour({ group: "a", seed: 0, colour: "#12ab34" }, false)).to.equal("#12ab34");
    expect(runColour({ group: "a", seed: 0, colour: "url(x)" }, false)).to.match(/^oklch/);
  });

  it("is lighter on a dark page", () => {
    const dark = runColour({ group: "a", seed: 0, colour: null }, true).split(/[( )]/);
    expect(Number(dark[1])).to.be.greaterThan(Number(parts("a", 0)[0]));
  });
});

describe("dashesOf()", () => {
  it("tells groups of one hue apart", () => {
    const groups = Array.from({ length: 40 }, (_, i) => `group ${i}`);
    const same = groups.filter((group) => hueOf(group) === hueOf(groups[0] ?? ""));
    const [first, second] = dashesOf(same);
    expect(first).to.deep.equal([]);
    expect(second).to.not.deep.equal(first);
  });
});
