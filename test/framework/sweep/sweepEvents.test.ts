import { expect } from "chai";
import { describe, it } from "mocha";

import { RunIndex } from "../../../framework/store/runIndex.ts";
import { sweepEventsName, writeSweepEvents } from "../../../framework/sweep/sweepEvents.ts";
import type { WireMessage } from "../../support/protobufReader.ts";
import { sweepSpecs } from "../../support/sweepSpecs.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { readEventFile } from "../../support/tensorBoardReader.ts";

const sweep = `
program: configs/dreambooth.yaml
method: random
run_cap: 4
metric: {name: val/loss, goal: minimize}
parameters:
  trainer.precision: {value: float32}
  optimizer.learningRate: {distribution: log_uniform_values, min: 1.0e-5, max: 1.0e-2}
  optimizer.weightDecay: {distribution: normal, mu: 0, sigma: 1}
  loss.masked: {values: [true, false]}
  data.batchSize: {values: [1, 2]}
  method: {values: [lora, full]}
  augment: {values: [none, {flip: true, crop: 8}]}
`;

/** Number, text or truth value of a `google.protobuf.Value`. */
function valueOf(message: WireMessage): unknown {
  if (message.has(2)) return message.double(2);
  return message.has(4) ? message.int(4) === 1 : message.text(3);
}

describe("writeSweepEvents()", () => {
  const load = sweepSpecs();
  const folder = temporaryFolder();

  it("tells TensorBoard what is searched, with its domains, and what is looked at", () => {
    writeSweepEvents(folder.path(), load(sweep), 100.5);
    const [first, second] = readEventFile(folder.path(sweepEventsName));
    expect(first).to.include({ fileVersion: "brain.Event:2", wallTime: 100.5 });
    const [value] = second!.values;
    expect(value).to.deep.include({ tag: "_hparams_/experiment", plugin: "hparams", shape: [0] });
    const experiment = value!.content!.message(2);
    const infos = experiment
      .messages(4)
      .map((info) => [
        info.text(1),
        { 1: "text", 2: "truth", 3: "number" }[info.int(4)],
        info.has(5) ? info.message(5).messages(1).map(valueOf) : undefined,
        info.has(6) ? [info.message(6).double(1), info.message(6).double(2)] : undefined,
        info.int(7),
      ]);
    expect(infos).to.deep.equal([
      ["augment", "text", ["none"], undefined, 1],
      ["augment.flip", "truth", [true], undefined, 1],
      ["augment.crop", "number", [8], undefined, 1],
      ["data.batchSize", "number", [1, 2], undefined, 1],
      ["loss.masked", "truth", [true, false], undefined, 1],
      ["method", "text", ["lora", "full"], undefined, 1],
      ["optimizer.learningRate", "number", undefined, [1e-5, 1e-2], 1],
      ["optimizer.weightDecay", "number", undefined, undefined, 1],
    ]);
    const metrics = experiment.messages(5).map((metric) => metric.message(1).text(2));
    expect(metrics).to.deep.equal(["val/loss"]);
  });

  it("replaces what it wrote before, and is taken for no run", async () => {
    writeSweepEvents(folder.path(), load(sweep), 100);
    writeSweepEvents(folder.path(), load(sweep), 200);
    expect(
      readEventFile(folder.path(sweepEventsName)).map(({ wallTime }) => wallTime),
    ).to.deep.equal([200, 200]);
    const index = await RunIndex.open({ folders: [folder.path()], cacheFolder: null });
    expect(index.runs()).to.deep.equal([]);
    await index.close();
  });
});
