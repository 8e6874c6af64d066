import { expect } from "chai";
import { describe, it } from "mocha";

import type { Logger } from "../../../../framework/tracking/logger.ts";
import { tolerantLogger } from "../../../../framework/tracking/loggers/tolerantLogger.ts";

describe("tolerantLogger()", () => {
  it("says the first error once and then stays silent", async () => {
    const calls: string[] = [];
    const fail = (what: string) => () => {
      calls.push(what);
      if (what === "metrics") throw new Error("disk full");
    };
    const logger: Logger = {
      name: "other",
      logHyperparameters: fail("hyperparameters"),
      logMetrics: fail("metrics"),
      logImages: fail("images"),
      logHistogram: fail("histogram"),
      logText: fail("text"),
      logTable: fail("table"),
      logPrCurve: fail("prCurve"),
      logArtifact: fail("artifact"),
      flush: fail("flush"),
      finalize: fail("finalize"),
    };
    const warnings: string[] = [];
    const tolerant = tolerantLogger(logger, (line) => warnings.push(line));
    const point = { step: 1, epoch: 0, wallTimeSeconds: 1 };
    await tolerant.logHyperparameters({});
    await tolerant.logMetrics({ loss: 1 }, point);
    await tolerant.logMetrics({ loss: 1 }, point);
    await tolerant.flush();
    await tolerant.finalize("finished");
    expect(calls).to.deep.equal(["hyperparameters", "metrics"]);
    expect(warnings).to.deep.equal(["Logger other is lost: disk full; metrics.jsonl goes on"]);
  });
});
