import { expect } from "chai";
import { describe, it } from "mocha";

import type { Logger } from "../../../../framework/tracking/logger.ts";
import { resumedLogger } from "../../../../framework/tracking/loggers/resumedLogger.ts";
import { silentLogger } from "../../../../framework/tracking/loggers/silentLogger.ts";
import type { RunRecord } from "../../../../framework/tracking/metricsFile.ts";
import { metricsOf, metricsRow } from "../../../../framework/tracking/metricsRow.ts";

const resumeStep = 2;
const at = (step: number) => ({ step, epoch: 0, wallTimeSeconds: step });
const kept: RunRecord[] = [
  { kind: "metrics", ...at(1), metrics: { "train/loss": 3 } },
  { kind: "metrics", ...at(2), metrics: { "train/loss": 2, "val/loss": 1 } },
  { kind: "text", ...at(2), key: "note", text: "a" },
];

type Log = (logger: Logger, metrics: Record<string, number>, step: number) => unknown;

const ways: Record<string, Log> = {
  metrics: (logger, metrics, step) => logger.logMetrics(metrics, at(step)),
  rows: (logger, metrics, step) => logger.logRow!(metricsRow(metrics, at(step))),
};

/** What reaches the logger behind. */
function recording(): { logger: Logger; logged: unknown[] } {
  const logged: unknown[] = [];
  const logger: Logger = {
    ...silentLogger,
    logMetrics: (metrics, { step }) => void logged.push([step, { ...metrics }]),
    logRow: (row) => void logged.push([row.point.step, metricsOf(row)]),
    logText: (key, _, { step }) => void logged.push([step, key]),
  };
  return { logger, logged };
}

describe("resumedLogger()", () => {
  for (const [what, log] of Object.entries(ways)) {
    it(`leaves out ${what} of its first step that are kept from before`, async () => {
      const { logger, logged } = recording();
      const resumed = resumedLogger(logger, kept, resumeStep);
      await log(resumed, { "val/loss": 1 }, 2);
      await log(resumed, { "val/loss": 1, "val/accuracy": 5 }, 2);
      await log(resumed, { "val/loss": 0.5 }, 3);
      expect(logged).to.deep.equal([
        [2, { "val/accuracy": 5 }],
        [3, { "val/loss": 0.5 }],
      ]);
    });
  }

  it("leaves out all else of that step that is kept", async () => {
    const { logger, logged } = recording();
    const resumed = resumedLogger(logger, kept, resumeStep);
    await resumed.logText("note", "a", at(2));
    await resumed.logText("other", "a", at(2));
    await resumed.logText("note", "b", at(3));
    expect(logged).to.deep.equal([
      [2, "other"],
      [3, "note"],
    ]);
  });

  it("is the logger itself where nothing of that step is kept", () => {
    const { logger } = recording();
    expect(resumedLogger(logger, kept, 5)).to.equal(logger);
  });

  it("takes no rows where the logger takes none", () => {
    expect(resumedLogger(silentLogger, kept, resumeStep).logRow).to.equal(undefined);
  });
});
