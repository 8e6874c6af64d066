import { existsSync, readFileSync } from "node:fs";

import { expect } from "chai";

import { outOfMemoryObserver, type MemoryReadings } from "../../callbacks/outOfMemoryObserver.ts";
import { at, fitToy } from "../support/fitToy.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const machine: MemoryReadings = {
  process: () => ({ rss: 900e6, heapUsed: 20e6, external: 30e6, arrayBuffers: 25e6 }),
  peak: () => 950e6,
  system: () => ({ total: 1000e6, free: 10.5e6 }),
};

describe("outOfMemoryObserver()", () => {
  const folder = temporaryFolder();

  /** Fits the toy until `error` at the start of batch 2 of epoch 1; gives what was printed. */
  async function fitUntil(error: Error): Promise<string[]> {
    const lines: string[] = [];
    const failing = at("onBeforeZeroGrad", ({ step }) => {
      if (step === 6) throw error;
    });
    const fit = fitToy({
      maxSteps: 8,
      checkpointsFolder: folder.path("checkpoints"),
      callbacks: [outOfMemoryObserver({ batches: 3 }, machine), failing],
      print: (line) => void lines.push(line),
    });
    expect(await fit.catch(String)).to.include(error.message);
    return lines.filter((line) => line.startsWith("outOfMemoryObserver"));
  }

  it("writes what memory was used for when it runs out", async () => {
    const lines = await fitUntil(new RangeError("Array buffer allocation failed"));
    const report = JSON.parse(readFileSync(folder.path("out-of-memory.json"), "utf8"));
    expect(report).to.deep.include({ task: "fit", stage: "train", step: 6 });
    expect(report.memory.processMb).to.deep.equal({
      rss: 900,
      heapUsed: 20,
      external: 30,
      arrayBuffers: 25,
      peak: 950,
    });
    expect(report.memory.systemMb).to.deep.equal({ total: 1000, free: 10.5 });
    expect(report.variables.megabytes).to.have.keys("parameters", "otherState", "moments of adamW");
    expect(report.variables.largest[0]).to.include({ kind: "parameters", name: "hidden.weight" });
    expect(report.batch).to.deep.equal({ batchSize: 2, shapes: { x: [2, 3], y: [2, 1] } });
    expect(report.batches.map(({ step }: { step: number }) => step)).to.deep.equal([4, 5, 6]);
    expect(lines.at(-1)).to.match(
      /^outOfMemoryObserver: memory ran out in stage train after step 6, at a batch of 2; the process holds 900 of 1000 MB, more is in .*out-of-memory.json; findBatchSize\(\)/,
    );
  });

  it("knows the messages of C++ and of ONNX Runtime, and of what wraps them", async () => {
    const messages = ["std::bad_alloc", "Failed to allocate memory for requested buffer of size 9"];
    for (const message of messages) {
      const lines = await fitUntil(new Error("Cannot run", { cause: new Error(message) }));
      expect(lines.at(-1), message).to.include("memory ran out");
    }
  });

  it("leaves other failures alone", async () => {
    expect(await fitUntil(new Error("out of luck"))).to.deep.equal([]);
    expect(existsSync(folder.path("out-of-memory.json"))).to.equal(false);
  });
});
