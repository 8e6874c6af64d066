import { appendFileSync, chmodSync } from "node:fs";
import os from "node:os";

import { expect } from "chai";
import { describe, it } from "mocha";

import { gpuMetrics } from "../../../framework/tracking/gpuMetrics.ts";
import { readSystem } from "../../../framework/tracking/systemLog.ts";
import { SystemMonitor } from "../../../framework/tracking/systemMonitor.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const folder = temporaryFolder();

/** An environment whose nvidia-smi prints what it is told to. */
function machineWithGpus(output: string): NodeJS.ProcessEnv {
  folder.write({ "bin/nvidia-smi": `#!/bin/sh\nprintf '${output}'\n` });
  chmodSync(folder.path("bin", "nvidia-smi"), 0o755);
  return { PATH: `${folder.path("bin")}:${process.env["PATH"]}` };
}

describe("gpuMetrics()", () => {
  it("reads what nvidia-smi says of each GPU, and leaves out what it does not know", async () => {
    const environment = machineWithGpus(
      "0, 93, 1000, 24576, 71, 305.20\\n1, 0, 1, 24576, [N/A], [Not Supported]\\n",
    );
    expect(await gpuMetrics(environment)).to.deep.equal({
      "gpu.0.utilization": 93,
      "gpu.0.memory.usedMB": 1048.576,
      "gpu.0.memory.totalMB": 25769.803776,
      "gpu.0.temperatureCelsius": 71,
      "gpu.0.powerWatts": 305.2,
      "gpu.1.utilization": 0,
      "gpu.1.memory.usedMB": 1.048576,
      "gpu.1.memory.totalMB": 25769.803776,
    });
  });

  it("is undefined where there is no nvidia-smi", async () => {
    expect(await gpuMetrics({ PATH: folder.path() })).to.equal(undefined);
  });
});

describe("SystemMonitor", () => {
  const monitor = (environment: NodeJS.ProcessEnv = { PATH: folder.path() }): SystemMonitor =>
    new SystemMonitor({ folder: folder.path(), everySeconds: 1000, environment });

  it("writes at its start and at its end what machine and process are doing", async () => {
    await monitor().stop();
    const [first, last] = readSystem(folder.path());
    expect(last!.time).to.be.at.least(first!.time);
    expect(last!.metrics).to.include.all.keys(
      ...["load.1", "load.5", "load.15", "memory.percent", "memory.usedMB", "process.cpu"],
      ...["process.memory.rssMB", "process.memory.heapMB", "disk.percent", "disk.freeMB"],
    );
    expect(last!.metrics["memory.percent"]).to.be.within(0, 100);
    expect(last!.metrics["memory.usedMB"]).to.be.within(0, os.totalmem() / 1e6);
    expect(last!.metrics["process.memory.rssMB"]).to.be.within(10, 100_000);
    expect(last!.metrics["disk.percent"]).to.be.within(0, 100);
  });

  it("adds the GPUs, and goes on after a killed process's torn line", async () => {
    const gpus = machineWithGpus("0, 50, 0, 1000, 40, 20\\n");
    await monitor(gpus).stop();
    appendFileSync(folder.path("system.jsonl"), '{"time":1,"metr');
    await monitor(gpus).stop();
    const records = readSystem(folder.path());
    expect(records.map(({ metrics }) => metrics["gpu.0.utilization"])).to.deep.equal([
      50, 50, 50, 50,
    ]);
  });
});
