import { readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";
import { InterruptedError } from "seedbed";

import { useBackend } from "../../../framework/backend/register.ts";
import type { Compile } from "../../../framework/base/compile.ts";
import { singleProcess } from "../../../framework/distributed/world.ts";
import {
  curve,
  fitIn,
  fitted,
  fitTogether,
  messages,
  type WorkersFit,
} from "../../support/fitTogether.ts";
import { at } from "../../support/fitToy.ts";
import { together } from "../../support/memoryWorlds.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const sharded: WorkersFit = { strategy: { shardOptimizer: true } };
const saveAt = (step: number) =>
  at("onTrainBatchEnd", (state) => {
    if (state.step === step) state.saveCheckpoint();
  });

describe("strategy.shardOptimizer", () => {
  const folder = temporaryFolder();
  const tensorBytes = (name: string, file = "optimizer"): string =>
    readFileSync(folder.path(name, "step-0000003", `${file}.safetensors`), "base64");

  describe("gives the bits of workers that divide nothing", () => {
    const optimizers = ["adamW", "adam8bit", "adafactor", "muon", "sgd", "lion"];
    const cases: { title: string; options: WorkersFit; size?: number }[] = [
      ...optimizers.map((name) => ({
        title: `with ${name}`,
        options: { module: { optimizer: { name, learningRate: 0.01 } } },
      })),
      { title: "with clipped gradients", options: { gradientClipVal: 0.1 } },
      {
        title: "with accumulated gradients",
        options: { accumulateGradBatches: 2, gradientClipVal: 0.5 },
      },
      { title: "with parameters that are frozen", options: { callbacks: [freezeHidden()] } },
      { title: "with more workers than parameters", options: { batchSize: 2 }, size: 6 },
    ];
    for (const { title, options, size = 2 } of cases) {
      it(title, async () => {
        const run = (more: WorkersFit) =>
          together(size, (world) => fitIn(world, { maxSteps: 4, ...options, ...more }));
        const undivided = fitted(await run({}));
        const divided = fitted(await run(sharded));
        for (const { bytes } of divided) expect(bytes).to.equal(undivided[0]!.bytes);
        expect(divided[0]!.rows).to.deep.equal(undivided[0]!.rows);
        expect(curve(divided[0]!, "train/gradientNorm")).to.have.length.above(0);
      });
    }
  });

  it("gives them where parameters are overwritten in place, and steps left out", async () => {
    let compile: Compile | undefined;
    ({ compile } = await useBackend("ort", { threads: 2 }));
    try {
      const options: WorkersFit = {
        compile,
        precision: "16-mixed",
        lossScale: { initialScale: 1e6 },
        batchSize: 2,
        maxSteps: 12,
      };
      const [undivided] = fitted(await fitTogether(options));
      const divided = fitted(await fitTogether({ ...options, ...sharded }));
      expect(curve(undivided!, "train/skippedSteps").at(-1)).to.be.within(1, 11);
      for (const { bytes } of divided) expect(bytes).to.equal(undivided!.bytes);
    } finally {
      await useBackend("cpu");
    }
  });

  it("keeps each variable of the state on one worker", async () => {
    const names: string[][] = [];
    await fitTogether({
      ...sharded,
      maxSteps: 1,
      callbacks: [
        at("onFitStart", ({ optimizers }) => {
          names.push([...optimizers[0]!.optimizer.state().keys()]);
        }),
      ],
    });
    const all = names.flat().toSorted();
    expect(all).to.have.length(8);
    expect(new Set(all).size).to.equal(8);
    expect(names.map(({ length }) => length)).to.deep.equal([2, 6]);
  });

  it("saves what workers that divide nothing save", async () => {
    for (const [name, strategy] of [["whole", undefined] as const, ["divided", sharded] as const]) {
      const results = await fitTogether({
        ...strategy,
        checkpointsFolder: folder.path(name),
        callbacks: [saveAt(3)],
      });
      fitted(results);
    }
    expect(tensorBytes("divided")).to.equal(tensorBytes("whole"));
    expect(tensorBytes("divided", "parameters")).to.equal(tensorBytes("whole", "parameters"));
  });

  it("saves the same through a thread that writes", async () => {
    for (const name of ["now", "later"]) {
      const options: WorkersFit = {
        ...sharded,
        checkpointsFolder: folder.path(name),
        checkpoints: { async: name === "later" },
        callbacks: [saveAt(3)],
      };
      fitted(await fitTogether(options));
    }
    expect(tensorBytes("later")).to.equal(tensorBytes("now"));
  });

  describe("goes on from any other's checkpoint", () => {
    const kinds = ["one process", "two workers", "two that divide", "three that divide"];
    const fit = (kind: string, options: WorkersFit) => {
      if (kind === "one process") {
        return fitIn(singleProcess, { ...options, batchSize: 12 }).then((one) => [one]);
      }
      const size = kind.startsWith("three") ? 3 : 2;
      const divides = kind.endsWith("divide");
      return together(size, (world) =>
        fitIn(world, { ...options, ...(divides && sharded), batchSize: 12 / size }),
      ).then(fitted);
    };
    for (const from of kinds) {
      it(`from that of ${from}`, async () => {
        const checkpointsFolder = folder.path("run");
        await fit(from, { checkpointsFolder, callbacks: [saveAt(3)], maxSteps: 3 });
        const resumeFrom = folder.path("run", "step-0000003");
        const ends = [];
        for (const to of kinds) ends.push(await fit(to, { resumeFrom, module: { noise: 0 } }));
        const losses = ends.map((end) => curve(end[0]!, "train/loss"));
        for (const each of losses) {
          expect(each).to.have.length(3);
          for (const [i, loss] of each.entries()) expect(loss).to.be.closeTo(losses[0]![i]!, 1e-6);
        }
        expect(ends[2]![0]!.bytes).to.equal(ends[1]![0]!.bytes);
      });
    }
  });

  for (const async of [false, true]) {
    it(`saves once when one is interrupted, ${async ? "with" : "without"} a thread`, async () => {
      const interrupt = new AbortController();
      const results = await fitTogether(
        { ...sharded, checkpointsFolder: folder.path("run"), checkpoints: { async } },
        (rank) => ({
          ...(rank === 1 && { signal: interrupt.signal }),
          callbacks: [
            at("onTrainBatchEnd", (state) => {
              if (state.step !== 3) return;
              state.saveCheckpoint();
              if (rank === 1) interrupt.abort();
            }),
          ],
        }),
      );
      for (const error of results) expect(error).to.be.instanceOf(InterruptedError);
      expect(readdirSync(folder.path("run")).toSorted()).to.deep.equal([
        "last.json",
        "step-0000003",
      ]);
    });
  }

  it("refuses a module that steps its optimizers itself", async () => {
    const results = await fitTogether({
      ...sharded,
      change: () => ({ manualTrainingStep: () => ({}) }),
    });
    const message =
      "Cannot fit: strategy.shardOptimizer needs an update that the Trainer makes, and a manualTrainingStep makes its own; leave it out";
    expect(messages(results)).to.deep.equal([message, message]);
  });

  it("refuses that only some of the workers divide", async () => {
    const results = await fitTogether({}, (rank) => (rank === 1 ? sharded : {}));
    expect(messages(results)[0]).to.match(
      /^Cannot train together: shardOptimizer of rank 1: true, of rank 0: false/,
    );
  });

  it("changes nothing of a process that is alone", async () => {
    const [plain, alone] = [await fitIn(singleProcess, {}), await fitIn(singleProcess, sharded)];
    expect(alone.bytes).to.equal(plain.bytes);
  });
});

function freezeHidden() {
  const parameters = new Set(["hidden.weight", "hidden.bias"]);
  return at("onFitStart", (state) => void state.stagedGroups.set("hidden", { parameters }));
}
