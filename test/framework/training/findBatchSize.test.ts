import { expect } from "chai";
import {
  createOptimizer,
  findBatchSize,
  type DataLoader,
  type FindBatchSizeOptions,
} from "seedbed";

import { parameterBytes, toyLoader, toyModule } from "../../support/toyTraining.ts";

/** A machine on which a batch needs 100 MB and 10 MB for each example. */
function fakeMachine(): Pick<FindBatchSizeOptions, "loaderFor" | "machine"> {
  let size = 0;
  let nowMs = 0;
  return {
    loaderFor(batchSize): DataLoader {
      size = batchSize;
      const loader = toyLoader(3, batchSize);
      return {
        ...loader,
        batch(epoch, index) {
          nowMs += size <= 8 ? 1000 : size * 250; // more than 8 at once is slower
          return loader.batch(epoch, index);
        },
      };
    },
    machine: { memoryMb: () => 100 + 10 * size, nowMs: () => nowMs },
  };
}

describe("findBatchSize()", () => {
  async function find(options: Partial<FindBatchSizeOptions>): ReturnType<typeof findBatchSize> {
    const module = toyModule();
    const before = await parameterBytes(module);
    try {
      const found = await findBatchSize({
        module,
        ...fakeMachine(),
        maxMemoryMb: 1000,
        ...options,
      });
      expect(await parameterBytes(module)).to.equal(before);
      return found;
    } finally {
      module.dispose();
    }
  }

  const table: [options: Partial<FindBatchSizeOptions>, batchSize: number, tried: number[]][] = [
    [{}, 64, [2, 4, 8, 16, 32, 64, 128]],
    [{ initialBatchSize: 30 }, 60, [30, 60, 120]],
    [{ maxBatchSize: 50 }, 50, [2, 4, 8, 16, 32, 50]],
    [{ mode: "binsearch", margin: 0, initialBatchSize: 60 }, 90, [60, 120, 90, 105, 97, 93, 91]],
    [{ mode: "binsearch", initialBatchSize: 60 }, 85, [60, 120, 90, 105, 97, 93, 91]],
    [{ mode: "binsearch", margin: 0.5, maxBatchSize: 4 }, 2, [2, 4]],
  ];
  for (const [options, batchSize, tried] of table) {
    it(`finds ${batchSize} with ${JSON.stringify(options)}`, async () => {
      const found = await find(options);
      expect(found.batchSize).to.equal(batchSize);
      expect(found.trials.map((trial) => trial.batchSize)).to.deep.equal(tried);
    });
  }

  it("tells what it measured", async () => {
    const { fastest, trials } = await find({ maxMemoryMb: 300, stepsPerTrial: 4 });
    expect(trials).to.deep.equal([
      { batchSize: 2, fits: true, peakMemoryMb: 120, samplesPerSecond: 2 },
      { batchSize: 4, fits: true, peakMemoryMb: 140, samplesPerSecond: 4 },
      { batchSize: 8, fits: true, peakMemoryMb: 180, samplesPerSecond: 8 },
      { batchSize: 16, fits: true, peakMemoryMb: 260, samplesPerSecond: 4 },
      { batchSize: 32, fits: false, peakMemoryMb: 420, samplesPerSecond: 4 },
    ]);
    expect(fastest).to.equal(8);
  });

  it("counts all batches of an accumulation window", async () => {
    const { trials } = await find({ maxBatchSize: 2, trainer: { accumulateGradBatches: 2 } });
    expect(trials[0]).to.include({ samplesPerSecond: 2 });
  });

  /** Fails with batches of more than 5. */
  const failing = (message: string) => (batchSize: number) => ({
    length: 3,
    async batch(epoch: number, index: number) {
      if (batchSize > 5) throw new RangeError(message);
      return toyLoader(3, batchSize).batch(epoch, index);
    },
  });

  it("takes an allocation that failed for a size that does not fit", async () => {
    const loaderFor = failing("Array buffer allocation failed");
    const { batchSize, trials } = await find({ loaderFor });
    expect(batchSize).to.equal(4);
    expect(trials.at(-1)).to.include({ batchSize: 8, fits: false, peakMemoryMb: undefined });
  });

  it("passes other errors on, and has restored the module", async () => {
    const error = await find({ loaderFor: failing("no such file") }).catch(String);
    expect(error).to.include("no such file");
  });

  it("refuses when the first size does not fit", async () => {
    const error = await find({ maxMemoryMb: 110 }).catch(String);
    expect(error).to.include("expected one of 2 to need at most 110 MB, got 120");
  });

  it("looks at this process by itself", async () => {
    const toy = toyModule();
    const module = {
      ...toy,
      configureOptimizers: () => ({ optimizer: createOptimizer({ name: "sgd" }) }),
    };
    const loaderFor = (batchSize: number): DataLoader => toyLoader(3, batchSize);
    const found = await findBatchSize({ module, loaderFor, maxBatchSize: 4, maxMemoryMb: 1e6 });
    toy.dispose();
    expect(found.batchSize).to.equal(4);
    expect(found.trials[0]!.peakMemoryMb).to.be.within(10, 1e5);
    expect(found.trials[0]!.samplesPerSecond).to.be.above(0);
  });
});
