import { writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { openZip } from "../../../framework/weights/zipArchive.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { zipBytes } from "../../support/zipBytes.ts";

const files = { "a/one.txt": Buffer.from("hello hello hello"), two: Buffer.from("") };

describe("openZip()", () => {
  const folder = temporaryFolder();

  function written(bytes: Uint8Array): string {
    writeFileSync(folder.path("x.zip"), bytes);
    return folder.path("x.zip");
  }

  for (const deflate of [false, true]) {
    it(`reads files, and parts of them, that are ${deflate ? "deflated" : "stored"}`, () => {
      const entries = openZip(written(zipBytes(files, { deflate })));
      expect([...entries.keys()]).to.deep.equal(["a/one.txt", "two"]);
      const entry = entries.get("a/one.txt")!;
      expect(Buffer.from(entry.read()).toString()).to.equal("hello hello hello");
      expect(Buffer.from(entry.read(4, 3)).toString()).to.equal("o h");
      expect(entries.get("two")!.read()).to.have.length(0);
    });
  }

  it("refuses every truncation, and what is no archive", () => {
    const bytes = zipBytes(files);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => openZip(written(bytes.subarray(0, length))), `${length} bytes`).to.throw(
        InputError,
        "Cannot read",
      );
    }
    expect(() => openZip(written(Buffer.from("no archive ".repeat(9))))).to.throw(
      InputError,
      "it is no zip archive, or is truncated",
    );
    expect(() => openZip(folder.path("none.zip"))).to.throw(InputError, "no such file");
    expect(() => openZip(folder.path())).to.throw(InputError, "expected a file");
  });

  it("refuses lengths and positions that do not fit", () => {
    const at = (offset: number, value: number) => (bytes: Uint8Array) =>
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(bytes.length + offset, value, true);
    const changes = [
      at(-10, 0x7fffffff), // length of the table
      at(-6, 0x7fffffff), // its position
      at(-12, 0x7f), // number of entries
    ];
    for (const change of changes) {
      const bytes = Buffer.from(zipBytes(files));
      change(bytes);
      expect(() => openZip(written(bytes))).to.throw(InputError, "damaged or truncated");
    }
  });

  it("refuses an entry that inflates to more than it says", () => {
    const bytes = Buffer.from(zipBytes({ a: Buffer.alloc(1000) }, { deflate: true }));
    const table = bytes.indexOf("PK\x01\x02");
    bytes.writeUInt32LE(10, table + 24);
    const entries = openZip(written(bytes));
    expect(() => entries.get("a")!.read()).to.throw(InputError, 'entry "a" cannot be inflated');
  });
});
