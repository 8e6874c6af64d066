import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { checkExportPlace } from "../../../framework/export/exportPlace.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("checkExportPlace()", () => {
  const folder = temporaryFolder();
  const [asFile, asFolder] = [{ isFile: true }, { isFile: false }];

  it("has nothing against a place where nothing is", () => {
    checkExportPlace(folder.path("new"), { ...asFolder, force: false });
    checkExportPlace(folder.path("new.safetensors"), { ...asFile, force: true });
  });

  it("refuses what is there, unless told to replace it", () => {
    folder.write({ "old/model_index.json": "{}", "old.safetensors": "" });
    for (const [name, kind] of [
      ["old", asFolder],
      ["old.safetensors", asFile],
    ] as const) {
      const check = (force: boolean): void =>
        checkExportPlace(folder.path(name), { ...kind, force });
      expect(() => check(false)).to.throw(InputError, "it exists; give another place, or --force");
      check(true);
    }
  });

  it("never replaces what is no export", () => {
    folder.write({ "thesis/chapter.txt": "...", file: "" });
    for (const [name, kind] of [
      ["thesis", asFolder],
      ["thesis", asFile],
      ["file", asFolder],
    ] as const) {
      const check = (): void => checkExportPlace(folder.path(name), { ...kind, force: true });
      expect(check).to.throw(InputError, "Cannot replace");
    }
  });
});
