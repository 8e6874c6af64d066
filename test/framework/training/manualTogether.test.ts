import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createOptimizer, type ManualTrainingModule, type TrainingModule } from "seedbed";

import { singleProcess } from "../../../framework/distributed/world.ts";
import {
  curve,
  expectClose,
  fitIn,
  fitted,
  fitTogether,
  messages,
  type WorkersFit,
} from "../../support/fitTogether.ts";
import { at } from "../../support/fitToy.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

type Step = ManualTrainingModule["manualTrainingStep"];
type Change = (toy: TrainingModule) => Partial<ManualTrainingModule>;

/** The toy's two layers, each with an Adam of its own. */
function twoOptimizers(step: (toy: TrainingModule) => Step): Change {
  return (toy) => {
    const parameters = [...toy.trainableParameters()];
    const layer = (name: string) => new Map(parameters.filter(([key]) => key.startsWith(name)));
    return {
      configureOptimizers: () =>
        ["hidden", "output"].map((name) => ({
          name,
          optimizer: createOptimizer({ name: "adamW", learningRate: 0.02 }),
          parameters: layer(name),
        })),
      manualTrainingStep: step(toy),
    };
  };
}

/** The second layer is trained on what the first has become, and by another loss. */
const inTurns = twoOptimizers((toy) => (batch, context) => {
  const [hidden, output] = context.optimizers;
  const given = () => toy.trainingStep(batch, context);
  return {
    loss: hidden!.minimize(() => given().loss),
    otherLoss: output!.minimize(() => given()["absoluteError"]!),
    lossAfter: given().loss,
  };
});

/** A batch of two workers has other gradients than theirs apart once these are cut off. */
const clipped = twoOptimizers((toy) => (batch, context) => {
  const { loss, gradients } = context.gradients(
    () => toy.trainingStep(batch, context).loss,
    toy.trainableParameters(),
  );
  for (const optimizer of context.optimizers) {
    const own = [...gradients].filter(([name]) => optimizer.parameters.has(name));
    optimizer.step(new Map(own.map(([name, gradient]) => [name, gradient.clipByValue(-0.1, 0.1)])));
  }
  return { loss };
});

const noise = { noise: 0.3 };

describe("a manualTrainingStep on several workers", () => {
  const folder = temporaryFolder();

  const cases: { title: string; change: Change; names: string[] }[] = [
    {
      title: "whose second loss depends on the first update",
      change: inTurns,
      names: ["train/loss", "train/otherLoss", "train/lossAfter"],
    },
    { title: "that clips gradients", change: clipped, names: ["train/loss"] },
  ];
  for (const { title, change, names } of cases) {
    it(`trains as one process with their batches together: one ${title}`, async () => {
      const options: WorkersFit = { change, module: noise, maxSteps: 12 };
      const alone = await fitIn(singleProcess, { ...options, batchSize: 8 });
      const [first, second] = fitted(await fitTogether(options));
      for (const name of names) expectClose(curve(first!, name), curve(alone, name), 1e-5);
      expect(second!.bytes).to.equal(first!.bytes);
      expect([first!.step, alone.step]).to.deep.equal([12, 12]);
    });
  }

  it("assigns other state once a batch, though all before a call is done again after it", async () => {
    const results = await fitTogether({
      maxSteps: 4, // of two optimizers
      change(toy) {
        const batches = tf.tidy(() => tf.variable(tf.scalar(0), false));
        const changed = inTurns(toy);
        return {
          ...changed,
          otherState: () => new Map([["batches", batches]]),
          manualTrainingStep(...args) {
            batches.assign(batches.add(1));
            return { ...changed.manualTrainingStep!(...args), batches: batches.asScalar().clone() };
          },
          teardown: () => batches.dispose(),
        };
      },
    });
    expect(curve(fitted(results)[0]!, "train/batches")).to.deep.equal([1, 2]);
  });

  it("logs what a loss logs, as means over the workers", async () => {
    const results = await fitTogether({ maxSteps: 2 }, (rank) => ({
      change: twoOptimizers((toy) => (batch, context) => ({
        loss: context.optimizers[0]!.minimize(() => {
          context.log("mine", rank + 1);
          return toy.trainingStep(batch, context).loss;
        }),
      })),
    }));
    for (const { metrics } of fitted(results)) expect(metrics["mine"]).to.equal(1.5);
  });

  it("continues from a checkpoint as if nothing had happened", async () => {
    const options: WorkersFit = { change: inTurns, module: noise, maxSteps: 8 };
    const whole = fitted(await fitTogether(options));
    const save = at("onTrainBatchEnd", (state) => {
      if (state.step === 4) state.saveCheckpoint();
    });
    const checkpointsFolder = folder.path("run");
    await fitTogether({ ...options, maxSteps: 4, checkpointsFolder, callbacks: [save] });
    const resumeFrom = folder.path("run", "step-0000004");
    const resumed = fitted(await fitTogether({ ...options, resumeFrom }));
    expect(resumed.map(({ bytes }) => bytes)).to.deep.equal(whole.map(({ bytes }) => bytes));
  });

  const refused: { what: string; step: (toy: TrainingModule) => Step; message: RegExp }[] = [
    {
      what: "gradients that are one worker's own",
      step: (toy) => (batch, context) => {
        const [hidden] = context.optimizers;
        const { value, grads } = tf.variableGrads(
          () => toy.trainingStep(batch, context).loss,
          [...hidden!.parameters.values()],
        );
        const own = [...hidden!.parameters].map(
          ([name, variable]) => [name, grads[variable.name]!] as const,
        );
        hidden!.step(new Map(own));
        return { loss: value };
      },
      message:
        /^Cannot train together: manualTrainingStep\(\) stepped by gradients of norm \S+ here, \S+ on the average/,
    },
    {
      what: "gradients inside the loss of others",
      step: (toy) => (batch, context) => {
        const [hidden, output] = context.optimizers;
        const loss = () => toy.trainingStep(batch, context).loss;
        return { loss: hidden!.minimize(() => context.gradients(loss, output!.parameters).loss) };
      },
      message: /^Cannot train on several workers: gradients\(\) inside the loss of another/,
    },
  ];
  for (const { what, step, message } of refused) {
    it(`refuses ${what}`, async () => {
      for (const each of messages(await fitTogether({ change: twoOptimizers(step) }))) {
        expect(each).to.match(message);
      }
    });
  }

  it("lets an optimizer step by no gradient", async () => {
    const results = await fitTogether({ maxSteps: 1 }, () => ({
      change: twoOptimizers((toy) => (batch, context) => {
        context.optimizers[0]!.step(new Map());
        return { loss: toy.trainingStep(batch, context).loss };
      }),
    }));
    expect(fitted(results).map(({ step }) => step)).to.deep.equal([1, 1]);
  });

  it("says where workers take different gradients", async () => {
    const results = await fitTogether({}, (rank) => ({
      change: twoOptimizers((toy) => (batch, context) => {
        const { loss } = toy.trainingStep(batch, context);
        for (const optimizer of context.optimizers.slice(rank)) {
          optimizer.minimize(() => toy.trainingStep(batch, context).loss);
        }
        return { loss };
      }),
    }));
    expect(messages(results)[0]).to.match(/rank 0 is at "gradients 1 of batch 1, /);
  });
});
