import { cpSync } from "node:fs";

import { expect } from "chai";

import { readContent } from "../../../framework/training/checkpointContent.ts";
import { formatVersion, migrateContent } from "../../../framework/training/checkpointMigrations.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { maxSteps, resumableFit } from "./resumableFit.ts";

describe("checkpoints of earlier versions", () => {
  const folder = temporaryFolder();

  for (let version = 1; version < formatVersion; version++) {
    it(`go on to the same bits, version ${version}`, async () => {
      const whole = await resumableFit(folder.path("whole"));
      cpSync(`test/fixtures/checkpoints/version${version}`, folder.path("resumed", "checkpoints"), {
        recursive: true,
      });
      const resumed = await resumableFit(folder.path("resumed"));
      expect(resumed).to.deep.equal({ ...whole, step: maxSteps });
    });
  }

  it("get what version 1 did not have", () => {
    const migrated = migrateContent({
      formatVersion: 1,
      progress: { step: 8 },
      optimizer: { name: "up, follow", learningRate: 1 },
    });
    const schedule = { ticks: 8, state: {} };
    expect(migrated).to.deep.include({
      formatVersion,
      progress: { step: 8, samples: 0 },
      lrSchedules: [schedule, schedule],
      epochLog: { values: {}, entries: {} },
    });
  });

  it("are refused when they miss what every version has", () => {
    for (const text of ["[]", "3", '{ "formatVersion": 1 }', '{ "formatVersion": 0 }']) {
      expect(() => readContent(text), text).to.throw(/^at \//);
    }
  });
});
