import { readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";
import {
  arrayLoader,
  hostTensor,
  readSafetensors,
  Trainer,
  type BaseModule,
  type DataLoader,
  type TrainerOptions,
} from "seedbed";

import {
  predictionWriter,
  type PredictionWriterOptions,
} from "../../callbacks/predictionWriter.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { toyModule } from "../support/toyTraining.ts";

/** Examples `first`, `first + 1` and so on, in batches of two, the last perhaps of one. */
function numbers(first: number, count: number): DataLoader {
  const examples = Array.from({ length: count }, (_, i) => ({
    x: hostTensor(Float32Array.of(first + i), [1]),
  }));
  return arrayLoader(examples, { batchSize: 2, dropLast: false });
}

describe("predictionWriter()", () => {
  const folder = temporaryFolder();

  /** Predicts twice each number, from 10 and from 20. */
  async function predict(
    options: Partial<PredictionWriterOptions>,
    { predictStep, ...extra }: TrainerOptions & Pick<BaseModule, "predictStep"> = {},
  ): Promise<unknown[][]> {
    const toy = toyModule();
    const step: BaseModule["predictStep"] = ({ x }) => ({ twice: x!.mul(2) });
    const module = { ...toy, predictStep: predictStep ?? step };
    const callbacks = [predictionWriter({ folder: folder.path("predictions"), ...options })];
    const trainer = new Trainer({ callbacks, print: () => {}, ...extra });
    try {
      const loaders = [numbers(10, 5), numbers(20, 2)];
      return await trainer.predict(module, loaders, { returnPredictions: false });
    } finally {
      toy.dispose();
    }
  }

  const files = (): string[] =>
    readdirSync(folder.path("predictions"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.includes("."))
      .toSorted();

  function read(file: string): Record<string, unknown> {
    const tensors = readSafetensors(folder.path("predictions", file));
    return Object.fromEntries(
      [...tensors].map(([name, { shape, values }]) => [name, { shape, values: [...values] }]),
    );
  }

  const summary = {
    loaders: [
      { batches: 3, examples: 5 },
      { batches: 1, examples: 2 },
    ],
  };

  it("writes a file for each batch, with its examples' positions", async () => {
    expect(await predict({})).to.deep.equal([]);
    expect(files()).to.deep.equal([
      "loader-0/batch-000000.safetensors",
      "loader-0/batch-000001.safetensors",
      "loader-0/batch-000002.safetensors",
      "loader-1/batch-000000.safetensors",
      "predictions.json",
    ]);
    expect(read("loader-0/batch-000001.safetensors")).to.deep.equal({
      twice: { shape: [2, 1], values: [24, 26] },
      positions: { shape: [2], values: [2, 3] },
    });
    expect(read("loader-0/batch-000002.safetensors")).to.deep.equal({
      twice: { shape: [1, 1], values: [28] },
      positions: { shape: [1], values: [4] },
    });
    expect(read("loader-1/batch-000000.safetensors")).to.deep.equal({
      twice: { shape: [2, 1], values: [40, 42] },
      positions: { shape: [2], values: [0, 1] },
    });
    const json: unknown = JSON.parse(
      readFileSync(folder.path("predictions/predictions.json"), "utf8"),
    );
    expect(json).to.deep.equal(summary);
  });

  it("writes a file for each loader", async () => {
    await predict({ writeInterval: "epoch" });
    expect(files()).to.deep.equal([
      "loader-0.safetensors",
      "loader-1.safetensors",
      "predictions.json",
    ]);
    expect(read("loader-0.safetensors")).to.deep.equal({
      twice: { shape: [5, 1], values: [20, 22, 24, 26, 28] },
      positions: { shape: [5], values: [0, 1, 2, 3, 4] },
    });
    expect(read("loader-1.safetensors")).to.have.property("twice");
    const json: unknown = JSON.parse(
      readFileSync(folder.path("predictions/predictions.json"), "utf8"),
    );
    expect(json).to.deep.equal(summary);
  });

  it("says by predictions.json that nothing is missing", async () => {
    const failing = {
      name: "failing",
      onPredictBatchStart({ batchIndex }: { batchIndex: number }) {
        if (batchIndex === 2) throw new Error("on purpose");
      },
    };
    const writer = predictionWriter({ folder: folder.path("predictions") });
    const error = await predict({}, { callbacks: [writer, failing] }).catch(String);
    expect(error).to.include("on purpose");
    expect(files()).to.deep.equal([
      "loader-0/batch-000000.safetensors",
      "loader-0/batch-000001.safetensors",
    ]);
  });

  it("does not mix two predictions", async () => {
    await predict({});
    const error = await predict({}).catch(String);
    expect(error).to.include("expected no files there, got 3; give another folder");
  });

  it("refuses predictions that are not along the batch", async () => {
    const predictStep: BaseModule["predictStep"] = ({ x }) => ({ mean: x!.mean() });
    const error = await predict({}, { predictStep }).catch(String);
    expect(error).to.include(
      'Cannot write prediction "mean": expected 2 examples along its first axis, got shape []',
    );
  });

  it("refuses a prediction of the name of its own tensor", async () => {
    const predictStep: BaseModule["predictStep"] = ({ x }) => ({ positions: x!.clone() });
    const error = await predict({}, { predictStep }).catch(String);
    expect(error).to.include(`"positions" is the writer's own name`);
  });
});
