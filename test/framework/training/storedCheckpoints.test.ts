import { cpSync } from "node:fs";

import { expect } from "chai";

import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { maxSteps, resumableFit } from "./resumableFit.ts";

/** Folders of `test/fixtures/checkpoints`, each written when a checkpoint did not yet have something. */
const stored = [{ folder: "first", lacks: "states of schedules, an epoch's log, samples" }];

describe("checkpoints of earlier versions", () => {
  const folder = temporaryFolder();

  for (const { folder: name, lacks } of stored) {
    it(`"${name}" goes on to the same bits (lacks ${lacks})`, async () => {
      const whole = await resumableFit(folder.path("whole"));
      cpSync(`test/fixtures/checkpoints/${name}`, folder.path("resumed", "checkpoints"), {
        recursive: true,
      });
      const resumed = await resumableFit(folder.path("resumed"));
      expect(resumed).to.deep.equal({ ...whole, step: maxSteps });
    });
  }
});
