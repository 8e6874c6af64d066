import { expect } from "chai";
import { Trainer, type Callback } from "seedbed";

import { deviceStatsMonitor, type Machine } from "../../callbacks/deviceStatsMonitor.ts";
import { recordingLogger, toyLoader, toyModule } from "../support/toyTraining.ts";

/** Two cores; at every look 10 ms have passed, of which the second was busy for 4. */
function machine(): Machine {
  let looks = 0;
  return {
    cpus() {
      looks++;
      return [
        { times: { user: 100, sys: 20, idle: 10 * looks } },
        { times: { user: 3 * looks, sys: looks, idle: 6 * looks } },
      ];
    },
    memoryUsage: () => ({ rss: 300e6, heapUsed: 20e6, heapTotal: 30e6, external: 4e6 }),
    loadavg: () => [1.5, 1, 0.5],
  };
}

async function fit(callback: Callback, loggers = [recordingLogger()]) {
  const module = toyModule();
  try {
    const callbacks = [callback];
    const options = { maxSteps: 4, logEveryNSteps: 2, loggers, callbacks, print: () => {} };
    await new Trainer(options).fit(module, { trainLoader: toyLoader(4) });
    return loggers.flatMap(({ rows }) => rows);
  } finally {
    module.dispose();
  }
}

/** Entries whose names begin so, without it. */
function below(prefix: string, metrics: Readonly<Record<string, number>>): Record<string, number> {
  const entries = Object.entries(metrics).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length), value]));
}

describe("deviceStatsMonitor()", () => {
  for (const hook of ["onTrainBatchStart", "onTrainBatchEnd"]) {
    it(`logs cores, memory and load at ${hook} of logged steps`, async () => {
      const rows = await fit(deviceStatsMonitor({}, machine()));
      const stats = rows.map(({ step, metrics }) => [
        step,
        below(`deviceStatsMonitor.${hook}/`, metrics),
      ]);
      const expected = {
        "cpu.percent": 20,
        "cpu.0.percent": 0,
        "cpu.1.percent": 40,
        "memory.rssMB": 300,
        "memory.heapUsedMB": 20,
        "memory.heapTotalMB": 30,
        "memory.externalMB": 4,
        "load.1": 1.5,
        "load.5": 1,
        "load.15": 0.5,
      };
      expect(stats).to.deep.equal([
        [2, expected],
        [4, expected],
      ]);
    });
  }

  it("leaves out cores for which the system has counted no time", async () => {
    const frozen = { ...machine(), cpus: () => [{ times: { user: 5, idle: 5 } }] };
    const [row] = await fit(deviceStatsMonitor({}, frozen));
    expect(
      Object.keys(below("deviceStatsMonitor.onTrainBatchEnd/cpu", row!.metrics)),
    ).to.deep.equal([]);
  });

  it("reads this machine", async () => {
    const [row] = await fit(deviceStatsMonitor());
    const stats = below("deviceStatsMonitor.onTrainBatchStart/", row!.metrics);
    expect(stats["memory.rssMB"]).to.be.within(1, 1e6);
    expect(stats["memory.heapUsedMB"]).to.be.below(stats["memory.rssMB"]!);
  });

  it("needs a logger", async () => {
    const error = await fit(deviceStatsMonitor(), []).catch(String);
    expect(error).to.include("Cannot log the machine's state: expected a logger, got none");
  });
});
