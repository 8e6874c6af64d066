import { expect } from "chai";
import { describe, it } from "mocha";

import { sharedArray } from "../../../framework/store/sharedArrays.ts";

describe("sharedArray()", () => {
  it("loads once for all who want the same, as long as one of them holds it", () => {
    const loaded: string[] = [];
    const get = (hash: string): Float64Array =>
      sharedArray(hash, () => {
        loaded.push(hash);
        return Float64Array.of(loaded.length);
      });
    const held = Array.from({ length: 250 }, (_, i) => get(`array ${i}`)); // more than are kept unlooked
    expect(held.every((array, i) => get(`array ${i}`) === array)).to.equal(true);
    expect(loaded).to.have.length(250);
  });
});
