import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { readRegularFile } from "../../../framework/base/readRegularFile.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("readRegularFile()", () => {
  const folder = temporaryFolder();

  it("reads a file, also through a link", () => {
    folder.write({ a: "text" });
    symlinkSync("a", folder.path("link"));
    expect(readRegularFile(folder.path("link")).toString()).to.equal("text");
  });

  it("refuses a pipe at once, a device, a folder, and what is too long", () => {
    execFileSync("mkfifo", [folder.path("pipe")]);
    symlinkSync("/dev/zero", folder.path("zero"));
    folder.write({ long: "12345" });
    for (const name of ["pipe", "zero", "."]) {
      expect(() => readRegularFile(folder.path(name)), name).to.throw(
        InputError,
        "expected a file",
      );
    }
    expect(() => readRegularFile(folder.path("long"), 4)).to.throw(InputError, "at most 4 bytes");
  });

  it("says what the system says of a file that is not there", () => {
    expect(() => readRegularFile(folder.path("none"))).to.throw("ENOENT");
  });
});
