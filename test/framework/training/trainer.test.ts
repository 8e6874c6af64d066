import { expect } from "chai";

import { runEagerly, type Compile } from "../../../framework/base/compile.ts";
import { hostTensor, type HostBatch } from "../../../framework/base/hostTensor.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import type { Callback } from "../../../framework/training/callback.ts";
import { Trainer, type TrainerOptions } from "../../../framework/training/trainer.ts";
import type { TrainerState } from "../../../framework/training/trainerState.ts";
import { at, fitToy, quiet } from "../../support/fitToy.ts";
import {
  recordingCallback,
  recordingLogger,
  toyLoader,
  toyModule,
} from "../../support/toyTraining.ts";

describe("Trainer.fit()", () => {
  it("lowers the loss", async () => {
    const logger = recordingLogger();
    await fitToy({ maxSteps: 80, logEveryNSteps: 1, loggers: [logger] });
    const losses = logger.rows.map(({ metrics }) => metrics["train/loss"]!);
    const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
    expect(mean(losses.slice(-10))).to.be.below(mean(losses.slice(0, 10)) / 3);
  });

  it("calls ordinary callbacks first, then monitors, then checkpoints", async () => {
    const calls: string[] = [];
    const named = (name: string, kind?: Callback["kind"]): Callback => ({
      name,
      ...(kind && { kind }),
      onFitStart: () => void calls.push(name),
    });
    const callbacks = [named("c", "checkpoint"), named("m", "monitor"), named("a"), named("b")];
    await fitToy({ maxSteps: 1, callbacks });
    expect(calls).to.deep.equal(["a", "b", "m", "c"]);
  });

  it("skips the training hooks when there is nothing to train", async () => {
    for (const limits of [{ maxSteps: 0 }, { maxEpochs: 0 }, { limitTrainBatches: 0 }]) {
      const recorder = recordingCallback([
        "onSanityCheckEnd",
        "onTrainStart",
        "onTrainEnd",
        "onFitEnd",
      ]);
      const result = await fitToy({
        ...limits,
        validates: true,
        numSanityValSteps: 2,
        callbacks: [recorder],
      });
      expect(recorder.calls).to.deep.equal(["onSanityCheckEnd@0", "onFitEnd@0"]);
      expect(result).to.include({ step: 0, epochs: 0, stopReason: "nothingToTrain" });
    }
  });

  it("tells callbacks of a failure, and tears down", async () => {
    const recorder = recordingCallback(["onException", "onTrainEnd", "onFitEnd", "teardown"]);
    const failing = at("onTrainBatchEnd", () => {
      throw new Error("on purpose");
    });
    const error = await fitToy({ maxSteps: 3, callbacks: [recorder, failing] }).catch(
      (caught: unknown) => caught,
    );
    expect(error).to.be.an("error").with.property("message").that.includes("on purpose");
    expect(String(error)).to.include('onTrainBatchEnd of callback "acting"');
    expect(recorder.calls).to.deep.equal(["onException@1", "teardown@1"]);
  });

  it("tells and tears down all, also when one fails at that, and throws what failed first", async () => {
    const recorder = recordingCallback(["onException", "teardown"]);
    const lines: string[] = [];
    const failing = (name: string, hook: keyof Callback): Callback => ({
      ...at(hook, () => {
        throw new Error(`${hook} fails`);
      }),
      name,
    });
    const callbacks = [
      failing("first", "onTrainStart"),
      failing("second", "onException"),
      failing("third", "teardown"),
      recorder,
    ];
    const print = (line: string): void => void lines.push(line);
    const error = await fitToy({ maxSteps: 3, callbacks, print }).catch(String);
    expect(error).to.include('Cannot finish onTrainStart of callback "first"');
    expect(lines.slice(-2)).to.deep.equal([
      'Cannot finish onException of callback "second": onException fails',
      'Cannot finish teardown of callback "third": teardown fails',
    ]);
    expect(recorder.calls).to.deep.equal(["onException@0", "teardown@0"]);
  });

  it("reports a teardown that fails after a fit that did not", async () => {
    const recorder = recordingCallback(["teardown"]);
    const failing = at("teardown", () => {
      throw new Error("on purpose");
    });
    const error = await fitToy({ maxSteps: 1, callbacks: [failing, recorder] }).catch(String);
    expect(error).to.include('Cannot finish teardown of callback "acting": on purpose');
    expect(recorder.calls).to.deep.equal(["teardown@1"]);
  });

  it("stops with the step's number when the loss is not finite", async () => {
    const optimizer = { name: "sgd", learningRate: 1e30 };
    const error = await fitToy({ maxSteps: 9, module: { optimizer } }).catch(String);
    expect(error).to.match(/Cannot go on after step [23]: expected a finite (loss|gradient norm)/);
  });

  it("prepares the next batch while a step runs, and none too many", async () => {
    const events: string[] = [];
    const loader = {
      ...toyLoader(4),
      async batch(epoch: number, index: number) {
        events.push(`batch ${epoch}.${index}`);
        return toyLoader(4).batch(epoch, index);
      },
    };
    const compile: Compile = (fn) => {
      const run = runEagerly(fn);
      const slow = async (inputs: Parameters<typeof fn>[0]) => {
        await new Promise((resolve) => setImmediate(resolve));
        const outputs = await run(inputs);
        events.push("step");
        return outputs;
      };
      return Object.assign(slow, { dispose() {} });
    };
    const module = toyModule();
    await new Trainer({ ...quiet, maxSteps: 5, compile }).fit(module, { trainLoader: loader });
    module.dispose();
    expect(events.join(" ")).to.equal(
      "batch 0.0 batch 0.1 step batch 0.2 step batch 0.3 step batch 1.0 step step",
    );
  });

  it("tells hooks what runs: samples, batches of a validation", async () => {
    const seen: number[][] = [];
    const look = ({ batchSize, evaluationBatches }: TrainerState): void => {
      seen.push([batchSize, evaluationBatches]);
    };
    await fitToy({
      maxSteps: 1,
      validates: true,
      numSanityValSteps: 2,
      callbacks: [at("onTrainBatchEnd", look), at("onValidationEnd", look)],
    });
    expect(seen).to.deep.equal([
      [2, 2],
      [2, 2],
      [2, 3],
    ]);
  });

  it("makes an example batch as the first step gets it, and changes nothing", async () => {
    const batches: HostBatch[] = [];
    const example: Callback = {
      name: "example",
      async onTrainBatchEnd(state) {
        batches.push(await state.exampleBatch());
      },
    };
    const options = { maxSteps: 3, batches: 2, module: { noise: 0.5 } };
    const plain = await fitToy(options);
    const asked = await fitToy({ ...options, callbacks: [example] });
    expect(asked.bytes).to.equal(plain.bytes);
    const random = new RandomStream(0, "batch/train", 0);
    const { x, y } = await toyLoader(2).batch(0, 0);
    const noisy = x!.values.map((value) => value + 0.5 * random.normal());
    const first = { x: hostTensor(noisy, [2, 3]), y };
    expect(batches).to.deep.equal([first, first, first]);
  });

  it("has no example batch outside of a fit", async () => {
    const module = toyModule();
    const trainer = new Trainer({
      ...quiet,
      callbacks: [
        {
          name: "asking",
          async onValidationStart(state) {
            await state.exampleBatch();
          },
        },
      ],
    });
    const error = await trainer.validate(module, toyLoader(1)).catch(String);
    expect(error).to.include("Cannot make an example batch: expected a fit");
    module.dispose();
  });

  it("reports a batch that cannot be made", async () => {
    const module = toyModule();
    const loader = { ...toyLoader(3), batch: async () => Promise.reject(new Error("no picture")) };
    const trainer = new Trainer({ ...quiet, maxSteps: 2 });
    const error = await trainer.fit(module, { trainLoader: loader }).catch(String);
    expect(error).to.include("no picture");
    module.dispose();
  });
});

describe("new Trainer()", () => {
  const wrong: [TrainerOptions, string][] = [
    [{ maxSteps: -2 }, "maxSteps must be an integer >= 0, or -1 for no limit, got -2"],
    [{ maxEpochs: 1.5 }, "maxEpochs must be"],
    [{ seed: 2 ** 32, maxSteps: 1 }, "seed must be an integer in [0, 2^32)"],
    [{ accumulateGradBatches: 0, maxSteps: 1 }, "accumulateGradBatches must be an integer >= 1"],
    [{ limitTrainBatches: 1.5, maxSteps: 1 }, "limitTrainBatches must be a whole number, or"],
    [{ limitValBatches: -1, maxSteps: 1 }, "limitValBatches must be"],
    [{ valCheckInterval: 0, maxSteps: 1 }, "valCheckInterval must be"],
    [
      { valCheckInterval: 0.5, checkValEveryNEpoch: null, maxSteps: 1 },
      "a whole number of steps, since checkValEveryNEpoch is null",
    ],
    [{ numSanityValSteps: -2, maxSteps: 1 }, "numSanityValSteps must be"],
  ];
  for (const [options, message] of wrong) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => new Trainer({ ...quiet, ...options })).to.throw(RangeError, message);
    });
  }

  it("warns when nothing ends the fit", () => {
    const lines: string[] = [];
    const trainer = new Trainer({ print: (line) => void lines.push(line) });
    expect(trainer).to.be.instanceOf(Trainer);
    expect(lines.join()).to.include("1000 epochs");
  });

  it("refuses two callbacks with one state key", () => {
    const callback: Callback = { name: "twin", stateKey: "twin" };
    expect(() => new Trainer({ ...quiet, maxSteps: 1, callbacks: [callback, callback] })).to.throw(
      'Cannot use callback "twin" twice',
    );
  });
});
