import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { withOpenFile } from "../../../framework/weights/openFile.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("withOpenFile()", () => {
  const folder = temporaryFolder();

  it("gives bytes from a position, and the file's size", () => {
    folder.write({ a: "abcdef" });
    withOpenFile(folder.path("a"), ({ sizeBytes, read }) => {
      expect(sizeBytes).to.equal(6);
      expect([...read(2, 3)]).to.deep.equal([99, 100, 101]);
    });
  });

  it("refuses to read beyond the end, and what is no file", () => {
    folder.write({ a: "abcdef" });
    const read = (start: number, length: number) => (): Uint8Array =>
      withOpenFile(folder.path("a"), (open) => open.read(start, length));
    expect(read(4, 3)).to.throw(InputError, "bytes 4 to 7, but the file ends at 6; it is damaged");
    expect(read(-1, 2)).to.throw(InputError, "damaged or truncated");
    expect(() => withOpenFile(folder.path(), () => {})).to.throw(InputError, "expected a file");
    expect(() => withOpenFile(folder.path("none"), () => {})).to.throw(InputError, "ENOENT");
  });
});
