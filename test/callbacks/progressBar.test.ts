import type * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { Trainer, type Callback } from "seedbed";

import { progressBar, type ProgressBarOptions } from "../../callbacks/progressBar.ts";
import { toyLoader, toyModule } from "../support/toyTraining.ts";

interface Written {
  options?: Partial<ProgressBarOptions>;
  isTTY?: boolean;
  term?: string;
  /** The clock goes on by so much whenever it is read. */
  stepMs?: number;
  maxSteps?: number;
  numSanityValSteps?: number;
}

/** What is written in a fit with epochs of 3 steps and validations of 2 batches. */
async function written({
  options = {},
  isTTY = false,
  term = "xterm",
  stepMs = 1,
  maxSteps = 6,
  numSanityValSteps = 0,
}: Written): Promise<string[]> {
  const texts: string[] = [];
  const output = { isTTY, columns: 200, write: (text: string) => texts.push(text) };
  let now = 0;
  const nowMs = (): number => (now += stepMs);
  const module = toyModule();
  const callbacks = [progressBar(options, { output, nowMs, environment: { TERM: term } })];
  const trainer = new Trainer({ maxSteps, callbacks, numSanityValSteps, print: () => {} });
  await trainer.fit(module, { trainLoader: toyLoader(3), valLoader: toyLoader(2) });
  module.dispose();
  return texts;
}

describe("progressBar()", () => {
  it("rewrites one line on a terminal, and keeps those of validations", async () => {
    const texts = await written({ isTTY: true, stepMs: 1000 });
    expect(texts[0]).to.match(
      /^\rstep 1\/6 {2}epoch 0 {2}loss [\d.]+ {2}[\d.]+ steps\/s {2}ETA \d+s.\[K$/,
    );
    const lines = texts.join("").split("\n");
    expect(lines[0]).to.match(/\rstep 3 {2}val\/loss [\d.]+.\[K$/);
    expect(lines.at(-1)).to.equal("");
  });

  it("is refused beside another one", () => {
    const callbacks = [progressBar(), progressBar({ mode: "json" })];
    expect(() => new Trainer({ maxSteps: 1, callbacks })).to.throw(
      'Cannot use callback "progressBar" twice: expected one of them',
    );
  });

  it("shows how far a validation is", async () => {
    const texts = await written({ stepMs: 5000, maxSteps: 3, numSanityValSteps: 1 });
    expect(texts.filter((text) => text.includes("batch"))).to.deep.equal([
      "checking validation: batch 1/1\n",
      "validating: batch 1/2\n",
      "validating: batch 2/2\n",
    ]);
  });

  it("shows how far a test is, over all loaders, and what it found", async () => {
    const texts: string[] = [];
    const output = { write: (text: string) => texts.push(text) };
    const toy = toyModule();
    const testStep = ({ x }: tf.NamedTensorMap) => ({ "test/zero": x!.sum().mul<tf.Scalar>(0) });
    const callbacks = [progressBar({ everySeconds: 0 }, { output })];
    const trainer = new Trainer({ callbacks, print: () => {} });
    await trainer.test({ ...toy, testStep }, [toyLoader(2), toyLoader(1)]);
    toy.dispose();
    expect(texts).to.deep.equal([
      "testing: batch 1/3\n",
      "testing: batch 2/3\n",
      "testing: batch 3/3\n",
      "step 0  test/zero/dataloader_idx_0 0  test/zero/dataloader_idx_1 0\n",
    ]);
  });

  it("shows what is logged for it", async () => {
    const texts: string[] = [];
    const output = { write: (text: string) => texts.push(text) };
    const logging: Callback = {
      name: "logging",
      onTrainBatchEnd: (state) => state.log("speed", 0.5, { progBar: true }),
    };
    const module = toyModule();
    const callbacks = [logging, progressBar({}, { output })];
    const trainer = new Trainer({ maxSteps: 1, callbacks, print: () => {} });
    await trainer.fit(module, { trainLoader: toyLoader(1) });
    module.dispose();
    expect(texts[0]).to.match(/loss [\d.]+ {2}speed 0.5 {2}[\d.]+ steps\/s/);
  });

  for (const [title, options] of [
    ["where there is no terminal", { isTTY: false }],
    ["on a dumb terminal", { isTTY: true, term: "dumb" }],
    ["when told to", { isTTY: true, options: { mode: "plain" } }],
  ] satisfies [string, Written][]) {
    it(`writes whole lines, some time apart, ${title}`, async () => {
      const texts = await written(options);
      expect(texts.map((text) => text.replace(/ {2}.*\n/, "\n"))).to.deep.equal([
        "step 1/6\n",
        "step 3\n",
        "step 6\n",
        "step 6/6\n",
      ]);
    });
  }

  it("writes objects for programs", async () => {
    const texts = await written({
      options: { mode: "json", everySeconds: 0 },
      isTTY: true,
      maxSteps: 3,
      numSanityValSteps: 1,
    });
    const lines = texts.map((text) => JSON.parse(text));
    expect(
      lines.map(({ stage, step, epoch, batch, batches }) => [stage, step, epoch, batch, batches]),
    ).to.deep.equal([
      ["sanity", 0, 0, 1, 1],
      ["train", 1, 0, undefined, undefined],
      ["train", 2, 0, undefined, undefined],
      ["train", 3, 0, undefined, undefined],
      ["validate", 3, 0, 1, 2],
      ["validate", 3, 0, 2, 2],
      ["validate", 3, 0, 2, 2],
    ]);
    expect(texts.every((text) => text.endsWith("}\n"))).to.equal(true);
    expect(lines[0]).to.include({ loss: null, stepsPerSecond: 0, etaSeconds: null });
    const { loss, stepsPerSecond, etaSeconds, metrics } = lines[1];
    expect(loss).to.equal(metrics["train/loss"]);
    expect(etaSeconds).to.be.closeTo(2 / stepsPerSecond, 1e-9);
    expect(lines.at(-1).metrics).to.include.keys("train/loss", "val/loss");
  });
});
