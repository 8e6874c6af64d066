import { readdirSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../../framework/base/errors.ts";
import { lockResponses } from "../../../../framework/serve/responses/lockResponses.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

describe("lockResponses()", () => {
  const folder = temporaryFolder();

  it("lets one server at a time have a folder", () => {
    const own = folder.path("kept");
    const release = lockResponses(own);
    expect(() => lockResponses(own)).to.throw(
      InputError,
      `Cannot keep responses in ${own}: it is in use by process ${process.pid}`,
    );
    release();
    lockResponses(own)();
    expect(readdirSync(own)).to.deep.equal(["server.alive"]);
  });
});
