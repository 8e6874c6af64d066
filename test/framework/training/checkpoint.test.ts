import { readFileSync, truncateSync, writeFileSync } from "node:fs";

import { expect } from "chai";

import { InputError } from "../../../framework/base/errors.ts";
import { hostTensor } from "../../../framework/base/hostTensor.ts";
import {
  readCheckpoint,
  writeCheckpoint,
  type CheckpointTensors,
} from "../../../framework/training/checkpoint.ts";
import type { CheckpointContent } from "../../../framework/training/checkpointContent.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const content: CheckpointContent = {
  formatVersion: 2,
  progress: {
    step: 3,
    epoch: 1,
    batchIndex: 2,
    microBatch: 6,
    settled: true,
    validatedAt: null,
    samples: 12,
  },
  shouldStop: false,
  seed: 1,
  accumulateGradBatches: 2,
  batchesPerEpoch: 4,
  specHash: null,
  optimizer: { name: "adamW", learningRate: 0.1 + 0.2 },
  lrSchedules: [{ ticks: 3, state: {} }],
  epochLog: { values: {}, entries: {} },
  metrics: { values: { a: NaN, b: -0, c: 1 / 3 }, steps: { a: 1, b: 2, c: 3 } },
  callbacks: { mine: { best: Infinity, worst: -Infinity, list: [1, null, "x"] } },
  extra: {},
};

const tensors: CheckpointTensors = {
  parameters: new Map([["w", hostTensor(Float32Array.of(1, -0, NaN, 3e-42), [2, 2])]]),
  optimizer: new Map([["firstMoment/w", hostTensor(Float32Array.of(5), [1])]]),
  otherState: new Map([["counter", hostTensor(Int32Array.of(7), [])]]),
  callbacks: new Map(),
};

describe("writeCheckpoint()", () => {
  const folder = temporaryFolder();

  it("is undone by readCheckpoint(), to the bit", () => {
    writeCheckpoint(folder.path("c", "step-1"), content, tensors);
    const read = readCheckpoint(folder.path("c", "step-1"));
    expect(read.content).to.deep.include(content);
    expect(Object.is(read.content.metrics.values["b"], -0)).to.equal(true);
    const { values, shape } = read.tensors.parameters.get("w")!;
    expect(shape).to.deep.equal([2, 2]);
    expect(new Uint32Array(values.slice().buffer)).to.deep.equal(
      new Uint32Array(Float32Array.of(1, -0, NaN, 3e-42).buffer),
    );
    expect([...read.tensors.otherState.get("counter")!.values]).to.deep.equal([7]);
  });

  it("replaces a folder of the same name", () => {
    const name = folder.path("c", "step-1");
    writeCheckpoint(name, content, tensors);
    writeCheckpoint(name, { ...content, seed: 9 }, tensors);
    expect(readCheckpoint(name).content.seed).to.equal(9);
  });

  it("writes the same bytes again", () => {
    for (const name of ["a", "b"]) writeCheckpoint(folder.path(name), content, tensors);
    expect(readFileSync(folder.path("a", "trainer.json"), "utf8")).to.equal(
      readFileSync(folder.path("b", "trainer.json"), "utf8"),
    );
  });
});

describe("readCheckpoint()", () => {
  const folder = temporaryFolder();
  const damages: [
    title: string,
    damage: (file: (name: string) => string) => void,
    message: RegExp,
  ][] = [
    [
      "a changed byte",
      (file) => {
        const bytes = readFileSync(file("parameters.safetensors"));
        bytes[bytes.length - 1]! ^= 1;
        writeFileSync(file("parameters.safetensors"), bytes);
      },
      /parameters\.safetensors is corrupt, expected \d+ bytes with SHA-256/,
    ],
    [
      "a file that was cut",
      (file) => truncateSync(file("optimizer.safetensors"), 20),
      /optimizer\.safetensors is corrupt/,
    ],
    [
      "no counters",
      (file) => writeFileSync(file("trainer.json"), ""),
      /trainer\.json is missing or corrupt/,
    ],
    [
      "a version of the format that is newer",
      (file) => writeFileSync(file("trainer.json"), '{ "formatVersion": 3 }'),
      /c: trainer\.json has format version 3, expected at most 2; use the newer seedbed that wrote it/,
    ],
    [
      "what is no version",
      (file) => writeFileSync(file("trainer.json"), '{ "formatVersion": "2" }'),
      /trainer\.json at \//,
    ],
    [
      "counters that are not all there",
      (file) => writeFileSync(file("trainer.json"), '{ "formatVersion": 2, "progress": {} }'),
      /trainer\.json at \//,
    ],
  ];
  for (const [title, damage, message] of damages) {
    it(`refuses ${title}`, () => {
      writeCheckpoint(folder.path("c"), content, tensors);
      damage((name) => folder.path("c", name));
      expect(() => readCheckpoint(folder.path("c"))).to.throw(InputError, message);
    });
  }

  it("refuses a folder that is not there", () => {
    expect(() => readCheckpoint(folder.path("nowhere"))).to.throw(InputError, "nowhere");
  });
});
