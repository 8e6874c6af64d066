import { readdirSync, statfsSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { ScratchFiles } from "../../../framework/base/scratchFiles.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("ScratchFiles", () => {
  const folder = temporaryFolder();
  const make = (name: string): ScratchFiles =>
    new ScratchFiles(folder.path(name), "adamW", "take another folder");

  it("gives each role a file, with places that follow each other and are zero", async () => {
    const files = make("roles");
    const first = files.place("m", 6);
    const second = files.place("m", 100);
    const other = files.place("v", 8);
    expect([first.byteOffset, second.byteOffset, other.byteOffset]).to.deep.equal([0, 64, 0]);
    expect(first.file).to.equal(second.file);
    expect(first.file).not.to.equal(other.file);
    expect(files.byteLength).to.equal(64 + 128 + 64);
    await second.file.write(Uint8Array.of(1, 2, 3), second.byteOffset);
    const bytes = new Uint8Array(70).fill(9);
    await first.file.read(bytes, 0);
    expect([...bytes]).to.deep.equal([...new Array<number>(64).fill(0), 1, 2, 3, 0, 0, 0]);
    first.file.writeSync(Uint8Array.of(7), 1);
    first.file.readSync(bytes.subarray(0, 2), 0);
    expect([...bytes.subarray(0, 2)]).to.deep.equal([0, 7]);
    files.close();
  });

  it("leaves no name in the folder, so that the space is free however the process ends", () => {
    const files = make("names");
    files.place("m", 4).file.writeSync(Uint8Array.of(1), 0);
    expect(readdirSync(folder.path("names"))).to.deep.equal([]);
    files.close();
  });

  it("refuses more than the disk has room for, before it writes", () => {
    const files = make("full");
    const { bavail, bsize } = statfsSync(folder.path("."));
    const { file } = files.place("m", 2 * bavail * bsize);
    const write = (): void => file.writeSync(Uint8Array.of(1), 0);
    expect(write).to.throw(
      InputError,
      /^Cannot put \S+ .B into \S+full: \S+ .B are free there; take another folder$/,
    );
    files.close();
  });

  it("says which folder it cannot make a file in", () => {
    writeFileSync(folder.path("file"), "");
    const files = make("file/below");
    expect(() => files.place("m", 4)).to.throw(
      InputError,
      /^Cannot make \S+adamW\.m\.\d+\.0\.tmp: ENOTDIR: not a directory; take another folder$/,
    );
  });

  it("says which file cannot be read or written, and why", async () => {
    const files = make("closed");
    const { file } = files.place("m", 4);
    files.close();
    const bytes = new Uint8Array(4);
    const why = /^Cannot \w+ \S+adamW\.m\.\d+\.0\.tmp: EBADF: bad file descriptor; take another/;
    expect(() => file.readSync(bytes, 0)).to.throw(Error, why);
    expect(() => file.writeSync(bytes, 0)).to.throw(Error, why);
    for (const work of [file.read(bytes, 0), file.write(bytes, 0)]) {
      const error: unknown = await work.catch((reason: unknown) => reason);
      expect(String(error)).to.match(/Cannot (read|write) \S+adamW\.m\..*EBADF/);
    }
  });

  it("does not wait for bytes beyond the end of a file", () => {
    const files = make("short");
    const { file } = files.place("m", 4);
    expect(() => file.readSync(new Uint8Array(65), 0)).to.throw(
      Error,
      "it has ended before byte 64",
    );
    files.close();
  });
});
