import path from "node:path";

import { expect } from "chai";
import { before, describe, it } from "mocha";
import { findLastCheckpoint, hostTensor, Trainer } from "seedbed";

import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import { useBackend } from "../../../framework/backend/register.ts";
import { runEagerly, type Compile } from "../../../framework/base/compile.ts";
import { brokenLoader } from "../../support/brokenLoader.ts";
import { fitToy, quiet, type ToyFit } from "../../support/fitToy.ts";
import { onOrt } from "../../support/parity.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { parameterBytes, recordingLogger, toyModule } from "../../support/toyTraining.ts";

describe("trainer.onNonFinite: stop", () => {
  it("is the default: the fit ends before anything of the step is saved", async () => {
    const error = await fitToy({ maxSteps: 8, loader: brokenLoader([5]) }).catch(String);
    expect(error).to.include("Cannot go on after step 6: expected a finite loss, got NaN");
  });
});

for (const backend of ["cpu", "ort"] as const) {
  describe(`trainer.onNonFinite: skip, on ${backend}`, () => {
    if (backend === "ort") onOrt();
    const folder = temporaryFolder();
    let compile: Compile = runEagerly;
    before(async () => {
      if (backend === "ort") ({ compile } = await useBackend("ort", { threads: 2 }));
    });
    const fit = (options: ToyFit): ReturnType<typeof fitToy> =>
      fitToy({ compile, onNonFinite: "skip", logEveryNSteps: 1, ...options });

    it("leaves out steps of broken batches, which change nothing, and says so", async () => {
      const module = toyModule();
      const bytes: string[] = [];
      const keep = async (): Promise<void> => void bytes.push(await parameterBytes(module));
      const lines: string[] = [];
      const logger = recordingLogger();
      const trainer = new Trainer({
        ...quiet,
        ...{ compile, onNonFinite: "skip", maxSteps: 7, logEveryNSteps: 1, loggers: [logger] },
        callbacks: [{ name: "watch", onTrainStart: keep, onTrainBatchEnd: keep }],
        print: (line) => lines.push(line),
      });
      const { step } = await trainer.fit(module, { trainLoader: brokenLoader([2, 5]) });
      module.dispose();
      const unchanged = bytes.slice(1).map((each, i) => each === bytes[i]);
      expect(unchanged).to.deep.equal(
        [2, 5].reduce((all, i) => all.with(i, true), Array(7).fill(false)),
      );
      expect(step).to.equal(7);
      const skipped = logger.rows.flatMap(({ metrics }) => metrics["train/skippedSteps"] ?? []);
      expect(skipped).to.deep.equal([0, 0, 1, 1, 1, 2, 2]);
      expect(lines.filter((line) => line.includes("changed nothing"))).to.deep.equal([
        "Step 3 has changed nothing: its loss is NaN, the norm of its gradients NaN",
        "Step 6 has changed nothing: its loss is NaN, the norm of its gradients NaN",
      ]);
    });

    it("has the bits of `stop` where everything is finite", async () => {
      const [skip, stop] = [
        await fit({ maxSteps: 6 }),
        await fit({ maxSteps: 6, onNonFinite: "stop" }),
      ];
      expect(skip.bytes).to.equal(stop.bytes);
    });

    it("leaves out steps whose loss alone is not finite", async () => {
      const { step, bytes } = await fit({
        maxSteps: 3,
        overrides: (toy) => ({
          trainingStep: (batch, context) => ({
            loss: toy.trainingStep(batch, context).loss.add(Infinity).asScalar(),
          }),
        }),
      });
      const untrained = toyModule();
      expect([step, bytes]).to.deep.equal([3, await parameterBytes(untrained)]);
      untrained.dispose();
    });

    it("leaves out windows of which one loss alone is not finite, and no other", async () => {
      // of the windows of two batches the first is broken in one of them, the second is not
      const bytesWith = async (broken: readonly number[]): Promise<string> => {
        const infinite = broken.map((i) => i + 1);
        let batches = 0;
        const { step, bytes } = await fit({
          maxSteps: 2,
          accumulateGradBatches: 2,
          overrides: (toy) => ({
            prepareBatch(batch) {
              const value = infinite.includes(++batches) ? Infinity : 0;
              return { ...batch, added: hostTensor(Float32Array.of(value), [1]) };
            },
            trainingStep({ added, ...batch }, context) {
              const { loss } = toy.trainingStep(batch, context);
              return { loss: loss.add(added!.sum()).asScalar() };
            },
          }),
        });
        expect(step).to.equal(2);
        return bytes;
      };
      const [first, second, both, none] = [
        await bytesWith([0]),
        await bytesWith([1]),
        await bytesWith([0, 1]),
        await bytesWith([]),
      ];
      expect(first).to.equal(both);
      expect(second).to.equal(both);
      expect(first).to.not.equal(none);
      const untrained = toyModule();
      expect(first).to.not.equal(await parameterBytes(untrained));
      untrained.dispose();
    });

    it("forgets the gradients of a window with a broken batch", async () => {
      const options = { maxSteps: 3, accumulateGradBatches: 2 };
      const { bytes } = await fit({ ...options, loader: brokenLoader([2]) });
      expect(bytes).to.not.match(/0000c07f/); // a NaN
      const whole = await fit({ ...options, loader: brokenLoader([3]) });
      expect(bytes).to.equal(whole.bytes); // whichever of its batches it was
    });

    it("is resumed to the same bits", async () => {
      const part = async (name: string, maxSteps: number): Promise<string> => {
        const checkpointsFolder = path.join(folder.path(name), "checkpoints");
        const module = toyModule();
        const trainer = new Trainer({
          ...quiet,
          ...{ compile, onNonFinite: "skip", maxSteps, checkpointsFolder },
          callbacks: [modelCheckpoint({ everyNTrainSteps: 4 })],
        });
        await trainer.fit(module, {
          trainLoader: brokenLoader([1, 5, 6]),
          resumeFrom: findLastCheckpoint(checkpointsFolder),
        });
        const bytes = await parameterBytes(module);
        module.dispose();
        return bytes;
      };
      const whole = await part("whole", 8);
      await part("parts", 4);
      expect(await part("parts", 8)).to.equal(whole);
    });

    it("ends when a hundred steps in a row were left out", async () => {
      const everything = Array.from({ length: 200 }, (_, i) => i);
      const loader = brokenLoader(everything, { value: Infinity });
      const error = await fit({ maxSteps: 200, loader }).catch(String);
      expect(error).to.include("Cannot go on after step 100: the last 100 steps were left out");
    });
  });
}
