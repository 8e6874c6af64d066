import { readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { csvLogger } from "../../../../framework/tracking/loggers/csv.ts";
import { loggerContract } from "../../../support/loggerContract.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const at = (step: number) => ({ step, epoch: 0, wallTimeSeconds: 100 + step });

describe("csvLogger()", () => {
  const folder = temporaryFolder();
  const lines = (): string[] => readFileSync(folder.path("metrics.csv"), "utf8").split("\n");
  loggerContract(() => csvLogger({ folder: folder.path() }));

  it("writes a row for each time, at once where the columns are known", async () => {
    const logger = csvLogger({ folder: folder.path(), clock: () => 0 });
    await logger.logMetrics({ "train/loss": 0.1 + 0.2, lr: NaN, epoch: 0 }, at(1));
    await logger.flush();
    await logger.logMetrics({ lr: -Infinity }, at(2));
    expect(lines()).to.deep.equal([
      "step,epoch,wallTimeSeconds,train/loss,lr",
      "1,0,101,0.30000000000000004,NaN",
      "2,0,102,,-Infinity",
      "",
    ]);
    await logger.finalize("finished");
  });

  it("gets new columns without losing rows, and quotes headings", async () => {
    const logger = csvLogger({ folder: folder.path(), clock: () => 0 });
    await logger.logMetrics({ a: 1 }, at(1));
    await logger.flush();
    await logger.logMetrics({ a: 2, 'say "x", <b>\n': 5 }, at(2));
    await logger.logMetrics({ a: 3 }, at(3)); // waits with the row before it
    expect(lines()).to.have.length(3);
    await logger.flush();
    await logger.logMetrics({ step: 7 }, at(4));
    await logger.finalize("finished");
    expect(lines()).to.deep.equal([
      'step,epoch,wallTimeSeconds,a,"say ""x"", <b>',
      '",step',
      "1,0,101,1,,",
      "2,0,102,2,5,",
      "3,0,103,3,,",
      "4,0,104,,,7",
      "",
    ]);
  });

  it("writes rows with new columns after a second, also when the clock was set back", async () => {
    let now = 100;
    const logger = csvLogger({ folder: folder.path(), clock: () => now });
    await logger.logMetrics({ a: 1 }, at(1));
    expect(lines()).to.have.length(2);
    now = 90;
    await logger.logMetrics({ b: 1 }, at(2));
    expect(lines().slice(1)).to.deep.equal(["1,0,101,1,", "2,0,102,,1", ""]);
    await logger.finalize("finished");
  });

  it("has, when a run is taken up, what was logged until then", async () => {
    const first = csvLogger({ folder: folder.path() });
    for (const step of [1, 2, 3]) await first.logMetrics({ a: step }, at(step));
    await first.finalize("interrupted");
    const records = [{ kind: "metrics", ...at(1), metrics: { a: 1 } } as const];
    const second = csvLogger({ folder: folder.path(), records });
    await second.logMetrics({ a: 20 }, at(2));
    await second.finalize("finished");
    expect(lines()).to.deep.equal(["step,epoch,wallTimeSeconds,a", "1,0,101,1", "2,0,102,20", ""]);
  });
});
