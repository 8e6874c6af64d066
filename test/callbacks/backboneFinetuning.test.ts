import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import {
  createOptimizer,
  findLastCheckpoint,
  Trainer,
  type Callback,
  type Compile,
  type LrSchedule,
  type TrainerOptions,
  type TrainingModule,
} from "seedbed";

import {
  backboneFinetuning,
  type BackboneFinetuningOptions,
} from "../../callbacks/backboneFinetuning.ts";
import { modelCheckpoint } from "../../callbacks/modelCheckpoint.ts";
import { useBackend } from "../../framework/backend/register.ts";
import { fitToy } from "../support/fitToy.ts";
import { onOrt } from "../support/parity.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { parameterBytes, toyLoader, toyModule } from "../support/toyTraining.ts";

/** Two weights, 1 at first, whose gradients are 1: Adam lowers each by the learning rate. */
function slopingModule(lrSchedule: LrSchedule): TrainingModule & { dispose(): void } {
  const made = (): tf.Variable => tf.tidy(() => tf.variable(tf.scalar(1)));
  const parameters = new Map([
    ["backbone.w", made()],
    ["head.w", made()],
  ]);
  const optimizer = { name: "adamW", learningRate: 0.1, weightDecay: 0 };
  return {
    trainableParameters: () => parameters,
    configureOptimizers: () => ({ optimizer: createOptimizer(optimizer), lrSchedule }),
    trainingStep: () => ({ loss: tf.addN([...parameters.values()]).asScalar() }),
    dispose: () => tf.dispose([...parameters.values()]),
  };
}

describe("backboneFinetuning()", () => {
  const folder = temporaryFolder();

  /** How much each step of two an epoch lowers the weights. */
  async function drops(
    options: Partial<BackboneFinetuningOptions>,
    extra: TrainerOptions = {},
    lrSchedule: LrSchedule = () => 1,
  ): Promise<{ backbone: number[]; head: number[] }> {
    const module = slopingModule(lrSchedule);
    const seen: Record<string, number[]> = { "backbone.w": [1], "head.w": [1] };
    const recorder: Callback = {
      name: "recorder",
      async onTrainBatchEnd({ stepFinished }) {
        if (!stepFinished) return;
        for (const [name, variable] of module.trainableParameters()) {
          seen[name]!.push((await variable.data())[0]!);
        }
      },
    };
    const trainer = new Trainer({
      maxEpochs: 6,
      print: () => {},
      callbacks: [backboneFinetuning({ parameters: "^backbone", ...options }), recorder],
      ...extra,
    });
    const batches = 2 * (extra.accumulateGradBatches ?? 1);
    try {
      await trainer.fit(module, { trainLoader: toyLoader(batches) });
    } finally {
      module.dispose();
    }
    const [backbone, head] = Object.values(seen).map((values) =>
      values.slice(1).map((value, i) => values[i]! - value),
    );
    return { backbone: backbone!, head: head! };
  }

  function expectDrops(actual: readonly number[], perEpoch: readonly number[]): void {
    expect(actual).to.have.length(2 * perEpoch.length);
    for (const [i, drop] of actual.entries()) {
      expect(drop, `step ${i + 1}`).to.be.closeTo(perEpoch[Math.floor(i / 2)]!, 1e-6);
    }
  }

  const quarter = { unfreezeBackboneAtEpoch: 2, backboneInitialRatioLr: 0.25 };
  const table: [title: string, options: Partial<BackboneFinetuningOptions>, drops: number[]][] = [
    ["doubling to that of others", quarter, [0, 0, 0.025, 0.05, 0.1, 0.1]],
    ["and beyond it", { ...quarter, shouldAlign: false }, [0, 0, 0.025, 0.05, 0.1, 0.2]],
    ["growing slower", { ...quarter, lambda: 1.2 }, [0, 0, 0.025, 0.03, 0.036, 0.0432]],
    [
      "from the start",
      { ...quarter, unfreezeBackboneAtEpoch: 0 },
      [0.025, 0.05, 0.1, 0.1, 0.1, 0.1],
    ],
    ["never", { ...quarter, unfreezeBackboneAtEpoch: 9 }, [0, 0, 0, 0, 0, 0]],
  ];
  for (const [title, options, expected] of table) {
    it(`trains the backbone with a learning rate of its own, ${title}`, async () => {
      const { backbone, head } = await drops(options);
      expectDrops(backbone, expected);
      expectDrops(head, [0.1, 0.1, 0.1, 0.1, 0.1, 0.1]);
    });
  }

  it("unfreezes at a step, with or without accumulation", async () => {
    for (const accumulateGradBatches of [1, 3]) {
      const options = { unfreezeBackboneAtStep: 3, backboneInitialRatioLr: 0.25 };
      const { backbone } = await drops(options, { maxEpochs: 3, accumulateGradBatches });
      const expected = [0, 0, 0, 0.025, 0.05, 0.05];
      for (const [i, drop] of expected.entries()) expect(backbone[i]).to.be.closeTo(drop, 1e-6);
      expect(backbone).to.have.length(6);
    }
  });

  it("lets a schedule act on both", async () => {
    const { backbone, head } = await drops(quarter, {}, (step) => (step < 8 ? 1 : 0.5));
    expectDrops(head, [0.1, 0.1, 0.1, 0.1, 0.05, 0.05]);
    expectDrops(backbone, [0, 0, 0.025, 0.05, 0.05, 0.05]);
  });

  it("does the same with accumulated gradients", async () => {
    const { backbone, head } = await drops(quarter, { accumulateGradBatches: 3 });
    expectDrops(head, [0.1, 0.1, 0.1, 0.1, 0.1, 0.1]);
    expectDrops(backbone, [0, 0, 0.025, 0.05, 0.1, 0.1]);
  });

  it("leaves frozen parameters out of the gradient norm", async () => {
    const norms: number[] = [];
    const recorder: Callback = {
      name: "recorder",
      onTrainEpochEnd: ({ metrics }) => void norms.push(metrics["train/gradientNorm"]!),
    };
    const frozen = backboneFinetuning({ parameters: "^backbone", unfreezeBackboneAtEpoch: 1 });
    await drops({}, { maxEpochs: 2, callbacks: [frozen, recorder] });
    expect(norms[0]).to.equal(1);
    expect(norms[1]).to.be.closeTo(Math.SQRT2, 1e-6);
  });

  it("keeps the bits of frozen parameters and their moments, whatever the weight decay", async () => {
    const decaying = { name: "adamW", learningRate: 0.1, weightDecay: 0.5 };
    const seen = new Set<string>();
    const before = toyModule();
    const initial = await parameterBytes(before);
    before.dispose();
    const recorder: Callback = {
      name: "recorder",
      async onTrainBatchEnd({ module, optimizers, epoch }) {
        if (epoch >= 2) return;
        const hidden = [...module.trainableParameters()].filter(([name]) =>
          name.includes("hidden"),
        );
        const moments = [...optimizers[0]!.optimizer.state()].filter(([name]) =>
          name.includes("hidden"),
        );
        const values = [...hidden, ...moments].map(([, variable]) => variable.dataSync());
        seen.add(
          values.map(({ buffer }) => Buffer.from(buffer.slice(0)).toString("hex")).join(" "),
        );
      },
    };
    const { bytes } = await fitToy({
      batches: 2,
      maxEpochs: 3,
      overrides: { configureOptimizers: () => ({ optimizer: createOptimizer(decaying) }) },
      callbacks: [
        backboneFinetuning({ parameters: "hidden", unfreezeBackboneAtEpoch: 2, verbose: false }),
        recorder,
      ],
    });
    const [weight, bias] = initial.split(" ");
    const zeros = [weight!, bias!, weight!, bias!].map(({ length }) => "0".repeat(length));
    expect([...seen]).to.deep.equal([[weight, bias, ...zeros].join(" ")]);
    expect(bytes.split(" ")[0]).not.to.equal(weight);
  });

  it("unfreezes in stages when there are several", async () => {
    const printed: string[] = [];
    await fitToy({
      batches: 1,
      maxEpochs: 3,
      print: (line) => void printed.push(line),
      callbacks: [
        backboneFinetuning({ parameters: "bias", unfreezeBackboneAtEpoch: 1 }),
        backboneFinetuning({ parameters: "hidden", unfreezeBackboneAtEpoch: 2 }),
      ],
    });
    expect(printed.filter((line) => line.startsWith("backboneFinetuning"))).to.deep.equal([
      "backboneFinetuning at step 1: 2 parameters that match /bias/ train at 0.1 of the learning rate",
      "backboneFinetuning at step 2: 2 parameters that match /bias/ train at 0.2 of the learning rate",
      "backboneFinetuning at step 2: 1 parameters that match /hidden/ train at 0.1 of the learning rate",
    ]);
  });

  /** The final bytes of a fit of 12 steps, 3 an epoch. */
  async function fit({
    unfreezing,
    callbacks = [],
    resumeFrom,
    ...others
  }: TrainerOptions & {
    unfreezing: Partial<BackboneFinetuningOptions>;
    resumeFrom?: string | undefined;
  }): Promise<string> {
    const module = toyModule({ noise: 0.3, lrSchedule: (step) => 1 / (1 + step) });
    const trainer = new Trainer({
      maxEpochs: 4,
      accumulateGradBatches: 2,
      gradientClipVal: 1,
      print: () => {},
      checkpointsFolder: folder.path("checkpoints"),
      callbacks: [backboneFinetuning({ parameters: "hidden", ...unfreezing }), ...callbacks],
      ...others,
    });
    try {
      await trainer.fit(module, { trainLoader: toyLoader(5), resumeFrom });
      return await parameterBytes(module);
    } finally {
      module.dispose();
    }
  }

  const moments: [unfreezing: Partial<BackboneFinetuningOptions>, resumedAt: number[]][] = [
    [{ unfreezeBackboneAtEpoch: 1 }, [2, 3, 4, 6, 8]],
    [{ unfreezeBackboneAtStep: 5 }, [3, 4, 5, 6, 9]],
    [{ unfreezeBackboneAtStep: 6 }, [5, 6, 7]], // where an epoch ends
  ];
  for (const [unfreezing, resumedAt] of moments) {
    it(`goes on as if there had been no interruption with ${JSON.stringify(unfreezing)}`, async () => {
      const whole = await fit({ unfreezing });
      for (const maxSteps of resumedAt) {
        folder.clear();
        await fit({ unfreezing, maxSteps, callbacks: [modelCheckpoint()] });
        const resumeFrom = findLastCheckpoint(folder.path("checkpoints"));
        expect(await fit({ unfreezing, resumeFrom }), `${maxSteps}`).to.equal(whole);
      }
    });
  }

  const refused: [pattern: string, problem: string][] = [
    ["encoder", "expected one that matches /encoder/, got none of hidden.weight, hidden.bias"],
    [".", "expected one that does not match /./, to be trained at first"],
  ];
  for (const [parameters, problem] of refused) {
    it(`refuses to freeze ${parameters}`, async () => {
      const callbacks = [backboneFinetuning({ parameters })];
      const error = await fitToy({ maxSteps: 1, callbacks }).catch(String);
      expect(error).to.include(problem);
    });
  }

  it("refuses what is no regular expression", () => {
    expect(() => backboneFinetuning({ parameters: "(" })).to.throw(
      'parameters must be a regular expression, got "("',
    );
  });

  describe("on ort", () => {
    onOrt();
    let compile: Compile;
    before(async () => {
      ({ compile } = await useBackend("ort", { threads: 2 }));
    });

    for (const accumulateGradBatches of [1, 2]) {
      it(`does the same, accumulating ${accumulateGradBatches}`, async () => {
        const { backbone, head } = await drops(quarter, { compile, accumulateGradBatches });
        expectDrops(head, [0.1, 0.1, 0.1, 0.1, 0.1, 0.1]);
        expectDrops(backbone, [0, 0, 0.025, 0.05, 0.1, 0.1]);
      });
    }
  });
});
