import { spawnSync } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { expect } from "chai";
import { describe, it } from "mocha";

import type { RowLogger } from "../../../../framework/tracking/logger.ts";
import { gatheringLogger } from "../../../../framework/tracking/loggers/gatheringLogger.ts";
import { silentLogger } from "../../../../framework/tracking/loggers/silentLogger.ts";
import { tensorBoardLogger } from "../../../../framework/tracking/loggers/tensorBoard.ts";
import { readMetrics } from "../../../../framework/tracking/metricsFile.ts";
import { metricsRow } from "../../../../framework/tracking/metricsRow.ts";
import { loggerContract } from "../../../support/loggerContract.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const at = (step: number) => ({ step, epoch: 0, wallTimeSeconds: step });
const longestWaitMs = 5;
const isOver = (): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, 4 * longestWaitMs));

/** A logger whose calls are noted: the steps of rows that came together, and the names of others. */
function recorded(onRows = (): void => {}): { logger: RowLogger; calls: unknown[] } {
  const calls: unknown[] = [];
  const logger: RowLogger = {
    ...silentLogger,
    logRows(rows) {
      onRows();
      calls.push(
        rows.map(({ point, names, values }) => [point.step, values[names.indexOf("loss")]]),
      );
    },
    logText: (key) => void calls.push(key),
    flush: () => void calls.push("flush"),
    finalize: (outcome) => void calls.push(outcome),
  };
  return { logger, calls };
}

describe("gatheringLogger()", () => {
  const folder = temporaryFolder();
  loggerContract(() => gatheringLogger(tensorBoardLogger({ folder: folder.path() })));

  it("takes rows as it takes metrics, in the order that they come", async () => {
    const { logger, calls } = recorded();
    const gathering = gatheringLogger(logger);
    await gathering.logMetrics({ loss: 10 }, at(1));
    await gathering.logRow!(metricsRow({ loss: 20 }, at(2)));
    await gathering.logMetrics({ loss: 30 }, at(3));
    await gathering.flush();
    const steps = [1, 2, 3].map((step) => [step, 10 * step]);
    expect(calls).to.deep.equal([steps, "flush"]);
  });

  it("hands rows on together, before all that comes after them", async () => {
    const { logger, calls } = recorded();
    const gathering = gatheringLogger(logger);
    for (const step of [1, 2]) await gathering.logMetrics({ loss: 10 * step }, at(step));
    expect(calls).to.deep.equal([]);
    await gathering.logText("text", "", at(2));
    await gathering.logMetrics({ loss: 30 }, at(3));
    await gathering.flush();
    await gathering.logMetrics({ loss: 40 }, at(4));
    await gathering.finalize("finished");
    expect(calls).to.deep.equal([
      [
        [1, 10],
        [2, 20],
      ],
      ...["text", [[3, 30]], "flush", [[4, 40]], "finished"],
    ]);
  });

  it("keeps a row as it was logged", async () => {
    const { logger, calls } = recorded();
    const gathering = gatheringLogger(logger);
    const metrics = { loss: 1 };
    await gathering.logMetrics(metrics, at(1));
    metrics.loss = 2;
    await gathering.flush();
    expect(calls).to.deep.equal([[[1, 1]], "flush"]);
  });

  it("hands rows on in time while nothing is logged", async () => {
    const { logger, calls } = recorded();
    await gatheringLogger(logger, { longestWaitMs }).logMetrics({ loss: 1 }, at(1));
    await isOver();
    expect(calls).to.deep.equal([[[1, 1]]]);
  });

  it("hands rows on in time where the thread never rests", async () => {
    const { logger, calls } = recorded();
    let now = 0;
    const gathering = gatheringLogger(logger, { longestWaitMs: 100, clock: () => now });
    for (const step of [1, 2, 3, 4]) {
      now = 60 * step;
      await gathering.logMetrics({ loss: step }, at(step));
    }
    expect(calls).to.deep.equal([
      [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
    ]);
    await gathering.finalize("finished");
  });

  it("hands a row on at once after a pause, where that is asked for", async () => {
    const { logger, calls } = recorded();
    let now = 0;
    const options = { longestWaitMs: 100, firstAtOnce: true, clock: () => now };
    const gathering = gatheringLogger(logger, options);
    for (now of [0, 40, 80, 130, 190, 290]) await gathering.logMetrics({ loss: now }, at(now));
    expect(calls).to.deep.equal(
      [[0], [40, 80, 130, 190], [290]].map((rows) => rows.map((step) => [step, step])),
    );
    await gathering.finalize("finished");
  });

  it("hands rows on when the process exits", async () => {
    const file = folder.path("exits.ts");
    const program = (name: string): string =>
      JSON.stringify(pathToFileURL(path.resolve("framework/tracking/loggers", name)).href);
    folder.write({
      "exits.ts": `
        import { gatheringLogger } from ${program("gatheringLogger.ts")};
        import { jsonLinesLogger } from ${program("jsonLines.ts")};
        const logger = gatheringLogger(jsonLinesLogger({ folder: ${JSON.stringify(folder.path())} }));
        logger.logMetrics({ loss: 1 }, { step: 1, epoch: 0, wallTimeSeconds: 1 });
        process.exit(3);`,
    });
    expect(spawnSync(process.execPath, ["--import", "tsx", file]).status).to.equal(3);
    expect(readMetrics(folder.path()).map(({ step }) => step)).to.deep.equal([1]);
  });

  it("throws what failed while nothing was logged, at the next call", async () => {
    const { logger } = recorded(() => {
      throw new Error("disk full");
    });
    const gathering = gatheringLogger(logger, { longestWaitMs });
    await gathering.logMetrics({ loss: 1 }, at(1));
    await isOver();
    expect(() => gathering.logMetrics({ loss: 2 }, at(2))).to.throw("disk full");
  });
});
