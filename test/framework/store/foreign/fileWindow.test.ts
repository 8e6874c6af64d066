import { writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { FileWindow } from "../../../../framework/store/foreign/fileWindow.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

describe("FileWindow", () => {
  const folder = temporaryFolder();

  it("reads across its windows, and less at the end", () => {
    const bytes = Buffer.alloc(2 ** 22 + 10, 1);
    bytes.fill(2, 2 ** 22 - 2);
    writeFileSync(folder.path("file"), bytes);
    const window = new FileWindow(folder.path("file"));
    const first = window.read(0, 4);
    expect([...window.read(2 ** 22 - 3, 4)]).to.deep.equal([1, 2, 2, 2]);
    expect([...first]).to.deep.equal([1, 1, 1, 1]);
    expect(window.read(0, bytes.length).equals(bytes)).to.equal(true); // longer than a window
    expect(window.read(2 ** 22 + 8, 4)).to.have.length(2);
    expect(window.read(bytes.length, 4)).to.have.length(0);
    window.close();
  });
});
