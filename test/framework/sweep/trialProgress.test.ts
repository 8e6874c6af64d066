import { expect } from "chai";
import { describe, it } from "mocha";

import { readTrialProgress } from "../../../framework/sweep/trialProgress.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const line = (step: number, metrics: object): string =>
  `${JSON.stringify({ kind: "metrics", step, epoch: 0, wallTimeSeconds: 1, metrics })}\n`;

describe("readTrialProgress()", () => {
  const folder = temporaryFolder();

  it("knows nothing of a run that has logged nothing", () => {
    expect(readTrialProgress(folder.path())).to.equal(undefined);
    folder.write({ "metrics.jsonl": "" });
    expect(readTrialProgress(folder.path())).to.equal(undefined);
  });

  it("gives the last step and the last training loss", () => {
    folder.write({
      "metrics.jsonl":
        line(1, { "train/loss": 3 }) + line(2, { "train/loss": 2 }) + line(4, { "val/loss": 5 }),
    });
    expect(readTrialProgress(folder.path())).to.deep.equal({ step: 4, loss: 2 });
  });

  it("passes over a line that is being written, and reads the end of a long file alone", () => {
    const many = Array.from({ length: 500 }, (_, i) => line(i, { "val/loss": i })).join("");
    folder.write({ "metrics.jsonl": `${line(0, { "train/loss": 9 })}${many}{"kind":"met` });
    expect(readTrialProgress(folder.path())).to.deep.equal({ step: 499 });
  });
});
