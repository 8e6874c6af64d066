import { expect } from "chai";
import { describe, it } from "mocha";

import { commonFolder } from "../../../../../framework/dashboard/page/charts/commonFolder.ts";

describe("commonFolder()", () => {
  for (const [titles, length] of [
    [["vae/1", "vae/2"], 4],
    [["vae/1", "gan/1"], 0],
    [["vae/1"], 0],
    [["a", "b"], 0],
  ] as const) {
    it(`is ${length} characters of ${titles.join(", ")}`, () =>
      expect(commonFolder(titles)).to.equal(length));
  }
});
