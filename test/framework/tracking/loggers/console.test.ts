import { expect } from "chai";
import { describe, it } from "mocha";

import {
  consoleLogger,
  type ConsoleOptions,
} from "../../../../framework/tracking/loggers/console.ts";
import { loggerContract } from "../../../support/loggerContract.ts";

const at = (step: number, epoch = 0) => ({ step, epoch, wallTimeSeconds: 100 + step });

describe("consoleLogger()", () => {
  loggerContract(() => consoleLogger({ print: () => {} }));

  /** Lines of four steps that take 6 seconds each. */
  async function linesOf(options: Partial<ConsoleOptions>): Promise<string[]> {
    const lines: string[] = [];
    let now = 0;
    const print = (line: string): void => void lines.push(line);
    const logger = consoleLogger({ print, clock: () => now, ...options });
    for (const step of [1, 2, 3, 4]) {
      now += 6;
      await logger.logMetrics({ "train/loss": 1 / step }, at(step, step / 8));
      if (step % 2 === 0) await logger.logMetrics({ "val/loss": NaN }, at(step, step / 8));
    }
    await logger.finalize("finished");
    return lines;
  }

  it("prints all of a step in one line, every so many steps, and the last one", async () => {
    expect(await linesOf({ everySteps: 2 })).to.deep.equal([
      "step 1, epoch 0.125, train/loss 1",
      "step 3, epoch 0.375, train/loss 0.3333, val/loss NaN",
      "step 4, epoch 0.5, train/loss 0.25, val/loss NaN",
    ]);
  });

  it("prints a line every so many seconds", async () => {
    const lines = await linesOf({ everySeconds: 10 });
    expect(lines.map((line) => line.split(",")[0])).to.deep.equal(["step 1", "step 3", "step 4"]);
  });

  it("prints whole numbers whole, and a metric that is called as its place once", async () => {
    const lines: string[] = [];
    const logger = consoleLogger({ print: (line) => lines.push(line) });
    await logger.logMetrics({ epoch: 1, samples: 1_234_567 }, at(123_456, 1));
    await logger.finalize("finished");
    expect(lines).to.deep.equal(["step 123456, epoch 1, samples 1234567"]);
  });

  it("prints nothing when nothing was logged", async () => {
    const lines: string[] = [];
    await consoleLogger({ print: (line) => lines.push(line) }).finalize("failed");
    expect(lines).to.deep.equal([]);
  });
});
