import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import { writeSafetensors } from "../../../framework/weights/safetensors.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { NanoFolder, nanoFolders } from "./nanoFolder.ts";

interface Content {
  readonly losses: readonly number[];
  readonly nested: { readonly a: number; readonly b: number };
}

describe("NanoFolder.unread()", () => {
  const files = temporaryFolder();
  let folder: NanoFolder;
  beforeEach(() => {
    const nested = { a: 1, b: 2, _note: "for readers" };
    files.write({ "golden.json": JSON.stringify({ losses: [3, 4], nested, empty: [] }) });
    const array = { shape: [1], values: Float32Array.of(1) };
    writeSafetensors(
      files.path("golden.safetensors"),
      new Map([
        ["x", array],
        ["y", array],
      ]),
    );
    folder = new NanoFolder(files.path());
  });

  const json = (): Content => folder.json("golden.json");

  it("names files that nothing has opened", () => {
    files.write({ "stray.txt": "?", "README.md": "what the others are" });
    expect(folder.unread()).to.deep.equal(["golden.json", "golden.safetensors", "stray.txt"]);
  });

  it("names arrays and values that nothing has read", () => {
    folder.beginTests();
    expect(json().losses[1]).to.equal(4);
    folder.golden().host("x");
    expect(folder.unread()).to.deep.equal([
      "golden.json: losses[0]",
      "golden.json: nested",
      "golden.json: empty",
      "golden.safetensors: y",
    ]);
  });

  it("names nothing when all has been read, in whatever way", () => {
    folder.beginTests();
    expect(json()).to.deep.equal({
      ...{ losses: [3, 4], empty: [] },
      nested: { a: 1, b: 2, _note: "for readers" },
    });
    folder.file("golden.safetensors");
    expect(folder.unread()).to.deep.equal([]);
  });

  it("does not count what was read before the tests began", () => {
    expect([...json().losses]).to.deep.equal([3, 4]);
    folder.beginTests();
    expect(json().nested.a).to.equal(1);
    expect(folder.unread()).to.include.members(["golden.json: losses", "golden.json: nested.b"]);
  });
});

describe("nanoFolders()", () => {
  const files = temporaryFolder();

  it("tells folders of folders from those that a check must know", () => {
    files.write({ "README.md": "what the others are", "a/b/x.json": "{}" });
    const folders = nanoFolders(files.path());
    expect(folders.map(({ isParent }) => isParent)).to.deep.equal([true, true, false]);
  });
});
