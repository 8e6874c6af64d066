import { existsSync, symlinkSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { changeRunNotes, isArchived, readRunNotes } from "../../../framework/tracking/runNotes.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("run notes", () => {
  const folder = temporaryFolder();

  it("are those of the spec until somebody changes them", () => {
    folder.write({ "spec.yaml": "tags: [baseline]\nnotes: first try\n" });
    expect(readRunNotes(folder.path())).to.deep.equal({
      tags: ["baseline"],
      notes: "first try",
      starred: false,
      archived: false,
      colour: null,
      name: null,
    });
    changeRunNotes(folder.path(), { notes: "" });
    expect(readRunNotes(folder.path())).to.deep.include({ tags: ["baseline"], notes: "" });
  });

  it("keep what a change does not name, and any text as it is", () => {
    const notes = '<script>alert("x")</script> ünïcode 😀\u2028';
    changeRunNotes(folder.path(), { tags: [" best ", "best", "<b>"], starred: true });
    changeRunNotes(folder.path(), { notes, colour: "#12aB90", name: "null" });
    expect(readRunNotes(folder.path())).to.deep.equal({
      tags: ["best", "<b>"],
      notes,
      starred: true,
      archived: false,
      colour: "#12aB90",
      name: "null",
    });
  });

  it("keep what a later version has added", () => {
    folder.write({ "notes.json": '{"tags": ["a"], "rating": 5}' });
    changeRunNotes(folder.path(), { archived: true });
    expect(readRunNotes(folder.path())).to.deep.include({ tags: ["a"], rating: 5, archived: true });
  });

  for (const [what, change, message] of [
    ["an empty tag", { tags: [" "] }, "expected 1 to 64 characters on one line"],
    ["a tag of two lines", { tags: ["a\nb"] }, "expected 1 to 64 characters on one line"],
    ["a colour that is none", { colour: "red" }, "expected #rrggbb"],
  ] as const) {
    it(`refuse ${what}`, () => {
      expect(() => changeRunNotes(folder.path(), change)).to.throw(InputError, message);
      expect(existsSync(folder.path("notes.json"))).to.equal(false);
    });
  }

  it("say where a spec is damaged that they would begin with, and change nothing", () => {
    folder.write({ "spec.yaml": "name: a\ntags: [baseline\n" });
    const damaged =
      /^Cannot read .*spec\.yaml:3: expected YAML, got Flow sequence .*; mend it there/;
    expect(() => readRunNotes(folder.path())).to.throw(InputError, damaged);
    expect(() => changeRunNotes(folder.path(), { starred: true })).to.throw(InputError, damaged);
    expect(existsSync(folder.path("notes.json"))).to.equal(false);
  });

  it("are not taken for absent where the system does not let one read them", () => {
    symlinkSync("notes.json", folder.path("notes.json"));
    expect(() => changeRunNotes(folder.path(), { notes: "x" })).to.throw(
      InputError,
      "notes.json: expected a file that can be read, got ELOOP; mend it or remove it",
    );
    expect(isArchived(folder.path())).to.equal(false);
  });

  it("refuse to be written over a damaged file, or into a folder that is gone", () => {
    folder.write({ "notes.json": '{"tags": ["a"' });
    expect(() => changeRunNotes(folder.path(), { notes: "x" })).to.throw(InputError, "mend it");
    expect(() => changeRunNotes(folder.path("gone"), {})).to.throw(InputError, "no such folder");
    expect(existsSync(folder.path("gone"))).to.equal(false);
  });
});
