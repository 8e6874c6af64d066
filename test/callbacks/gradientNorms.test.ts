import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import {
  createOptimizer,
  hostTensor,
  Trainer,
  type Compile,
  type DataLoader,
  type TrainingModule,
} from "seedbed";

import { gradientNorms, type GradientNormsOptions } from "../../callbacks/gradientNorms.ts";
import { useBackend } from "../../framework/backend/register.ts";
import { onOrt } from "../support/parity.ts";
import { recordingLogger } from "../support/toyTraining.ts";

/** Loss `3 a + 4 b + 12 c` times the batch's factor. */
function linearModule(): TrainingModule & { dispose(): void } {
  const made = (value: number): tf.Variable => tf.tidy(() => tf.variable(tf.tensor1d([value])));
  const parameters = new Map([
    ["encoder.a", made(6)],
    ["encoder.b", made(8)],
    ["head.c", made(0)],
  ]);
  const slopes = [3, 4, 12];
  const standing = { name: "sgd", learningRate: 0 };
  return {
    trainableParameters: () => parameters,
    configureOptimizers: () => ({ optimizer: createOptimizer(standing) }),
    trainingStep({ x }) {
      const terms = [...parameters.values()].map((variable, i) => variable.mul(slopes[i]!));
      return { loss: tf.addN(terms).mul(x!).asScalar() };
    },
    dispose: () => tf.dispose([...parameters.values()]),
  };
}

const factors: DataLoader = {
  length: 3,
  batch: async (_epoch, index) => ({ x: hostTensor(Float32Array.of(index + 1), [1]) }),
};

describe("gradientNorms()", () => {
  async function rowsWith(
    options: Partial<GradientNormsOptions>,
    accumulateGradBatches = 1,
    compile?: Compile,
  ): Promise<Readonly<Record<string, number>>[]> {
    const logger = recordingLogger();
    const module = linearModule();
    const trainer = new Trainer({
      maxEpochs: 1,
      logEveryNSteps: 1,
      accumulateGradBatches,
      compile,
      loggers: [logger],
      callbacks: [gradientNorms(options)],
      gradientClipVal: 0.1,
      print: () => {},
    });
    try {
      await trainer.fit(module, { trainLoader: factors });
    } finally {
      module.dispose();
    }
    return logger.rows.map(({ metrics }) => metrics);
  }

  it("logs the norm of each layer and of all, before clipping", async () => {
    const [first, second] = await rowsWith({});
    expect(first).to.include({
      "gradientNorm/encoder": 5,
      "gradientNorm/head": 12,
      gradientNorm: 13,
    });
    expect(first).not.to.have.property("parameterNorm");
    expect(second).to.include({ "gradientNorm/encoder": 10, gradientNorm: 26 });
  });

  it("logs those of the mean over an accumulation window", async () => {
    const rows = await rowsWith({}, 2);
    expect(rows.map((row) => row["gradientNorm/encoder"])).to.deep.equal([7.5, 15]);
    expect(rows.map((row) => row["gradientNorm"])).to.deep.equal([19.5, 39]);
  });

  describe("on ort", () => {
    onOrt();
    let compile: Compile;
    before(async () => {
      ({ compile } = await useBackend("ort", { threads: 2 }));
    });

    it("logs the same from the compiled step", async () => {
      const rows = await rowsWith({ parameters: true }, 2, compile);
      expect(rows.map((row) => row["gradientNorm/encoder"])).to.deep.equal([7.5, 15]);
      expect(rows.map((row) => row["parameterNorm"])).to.deep.equal([10, 10]);
    });
  });

  it("logs the parameters' on request", async () => {
    const [first] = await rowsWith({ parameters: true });
    expect(first).to.include({
      "parameterNorm/encoder": 10,
      "parameterNorm/head": 0,
      parameterNorm: 10,
    });
  });

  it("logs the whole model alone at depth 0", async () => {
    const [first] = await rowsWith({ maxDepth: 0 });
    expect(first).to.include({ gradientNorm: 13 });
    expect(first).not.to.have.property("gradientNorm/encoder");
  });
});
