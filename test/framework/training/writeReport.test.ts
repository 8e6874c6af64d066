import { readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";
import { writeReport } from "seedbed";

import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("writeReport()", () => {
  const folder = temporaryFolder();

  it("writes JSON beside the checkpoints' folder", () => {
    const state = { checkpointsFolder: folder.path("checkpoints") };
    expect(writeReport(state, "found.json", { size: 8 })).to.equal(folder.path("found.json"));
    expect(readFileSync(folder.path("found.json"), "utf8")).to.equal('{\n  "size": 8\n}\n');
  });

  it("writes nothing where no checkpoints are saved", () => {
    expect(writeReport({ checkpointsFolder: undefined }, "found.json", {})).to.equal(undefined);
  });
});
