import { expect } from "chai";
import { describe, it } from "mocha";

import { parseLora } from "../../../framework/adapters/parseLora.ts";
import { InputError } from "../../../framework/base/errors.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("parseLora()", () => {
  const folder = temporaryFolder();

  for (const { text, file, scale } of [
    { text: "a.safetensors", file: "a.safetensors", scale: 1 },
    { text: "a.safetensors:0.8", file: "a.safetensors", scale: 0.8 },
    { text: "a.safetensors:-1", file: "a.safetensors", scale: -1 },
    { text: String.raw`C:\a.safetensors`, file: String.raw`C:\a.safetensors`, scale: 1 },
    { text: String.raw`C:\a.safetensors:2`, file: String.raw`C:\a.safetensors`, scale: 2 },
  ]) {
    it(`reads ${text}`, () => expect(parseLora(text)).to.deep.equal({ file, scale }));
  }

  for (const text of ["a.safetensors:half", "a.safetensors:"]) {
    it(`refuses ${text}`, () => {
      expect(() => parseLora(text)).to.throw(InputError, "expected FILE or FILE:scale");
    });
  }

  it("takes the name of a file that is there as it is", () => {
    folder.write({ "style:2": "" });
    const file = folder.path("style:2");
    expect(parseLora(file)).to.deep.equal({ file, scale: 1 });
  });
});
