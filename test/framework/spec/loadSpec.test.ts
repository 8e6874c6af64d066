import { expect } from "chai";
import { describe, it } from "mocha";
import { parse } from "yaml";

import { SpecError } from "../../../framework/base/errors.ts";
import { type ExperimentSpec, readSection } from "../../../framework/spec/experimentSpec.ts";
import type { JsonSchema } from "../../../framework/spec/jsonSchema.ts";
import { loadSpec, type SpecLookup } from "../../../framework/spec/loadSpec.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const model: JsonSchema = {
  type: "object",
  properties: {
    width: { type: "integer", minimum: 1, default: 8 },
    init: { type: "object", default: {}, properties: { scale: { type: "number", default: 0.5 } } },
    loss: {
      anyOf: [{ type: "boolean" }, { type: "object", properties: { delta: { type: "number" } } }],
    },
  },
};
const data: JsonSchema = {
  type: "object",
  properties: { folder: { type: "string", minLength: 1 } },
  required: ["folder"],
};
const rate: JsonSchema = { type: "number", exclusiveMinimum: 0 };

const lookup: SpecLookup = {
  async sections({ name, where, pointer }) {
    if (name !== "toy") throw new SpecError(where, pointer, `no experiment "${name}"`);
    return { model, data };
  },
  async callback({ name, where, pointer }) {
    if (name === "progressBar" || name === "modelCheckpoint") return { properties: {} };
    if (name !== "earlyStopping") throw new SpecError(where, pointer, `no callback "${name}"`);
    return { properties: { patience: { type: "integer", minimum: 1, default: 3 } } };
  },
  optimizers: {
    adamW: {
      properties: { learningRate: rate, epsilon: { type: "number", default: 1e-8 } },
      required: ["learningRate"],
    },
    sgd: { properties: { learningRate: rate }, required: ["learningRate"] },
  },
  lrSchedules: {
    linear: {
      properties: { totalSteps: { type: "integer" }, interval: { enum: ["step", "epoch"] } },
      required: ["totalSteps"],
    },
    cosine: { properties: { warmupSteps: { type: "integer", default: 0 } } },
  },
};

const minimal = "experiment: toy\ndata: {folder: pictures}\n";

/** PyTorch's. */
const lossScale = {
  initialScale: 65536,
  growthFactor: 2,
  backoffFactor: 0.5,
  growthInterval: 2000,
};

describe("loadSpec()", () => {
  const folder = temporaryFolder();

  async function load(text: string, ...overrides: string[]): Promise<ExperimentSpec> {
    folder.write({ "toy-fit.yaml": text });
    return (await loadSpec(folder.path("toy-fit.yaml"), { overrides, lookup })).spec;
  }

  async function messageOf(text: string, ...overrides: string[]): Promise<string> {
    const error: unknown = await load(text, ...overrides).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(SpecError);
    return error instanceof SpecError ? error.message.replaceAll(`${folder.path()}/`, "") : "";
  }

  it("fills in every default", async () => {
    expect(await load(minimal)).to.deep.equal({
      name: "toy-fit",
      experiment: "toy",
      seed: 0,
      tags: [],
      trainer: {
        backend: "ort",
        accumulateGradBatches: 1,
        gradientClipVal: null,
        gradientClipAlgorithm: "norm",
        valCheckInterval: null,
        checkValEveryNEpoch: 1,
        limitTrainBatches: null,
        limitValBatches: null,
        logEveryNSteps: 50,
        numSanityValSteps: 2,
        validateOnTrainEnd: true,
        maxTime: null,
        limitTestBatches: null,
        limitPredictBatches: null,
        overfitBatches: null,
        fastDevRun: false,
        checkpoints: { async: "auto", maxShardSize: null },
        detectAnomaly: false,
        onNonFinite: "stop",
        maxRollBacks: 3,
        profiler: null,
        precision: "32-true",
        lossScale,
        strategy: "auto",
        devices: "auto",
        benchmark: false,
        deterministic: true,
      },
      callbacks: [{ progressBar: {} }, { modelCheckpoint: {} }],
      loggers: { tensorBoard: true, wandb: true, csv: false, mlflow: false, console: false },
      tracking: { consoleOutput: true, systemMetricsSeconds: 5 },
      model: { width: 8, init: { scale: 0.5 } },
      data: { folder: "pictures" },
    });
  });

  it("fills in the options of the named optimizer, schedule and callbacks", async () => {
    const spec = await load(`${minimal}optimizer: {name: adamW, learningRate: 0.1}
lrSchedule: {name: cosine}
callbacks: [progressBar, earlyStopping: {patience: 5}, earlyStopping:]
`);
    expect(spec.optimizer).to.deep.equal({ name: "adamW", learningRate: 0.1, epsilon: 1e-8 });
    expect(spec.lrSchedule).to.deep.equal({ name: "cosine", warmupSteps: 0 });
    expect(spec.callbacks).to.deep.equal([
      { progressBar: {} },
      { earlyStopping: { patience: 5 } },
      { earlyStopping: { patience: 3 } },
    ]);
  });

  it("takes an empty list as no callbacks at all", async () => {
    expect((await load(`${minimal}callbacks: []\n`)).callbacks).to.deep.equal([]);
  });

  it("asks for a schedule's totalSteps only without trainer.maxSteps", async () => {
    const text = `${minimal}lrSchedule: {name: linear}\n`;
    expect((await load(text, "trainer.maxSteps=9")).lrSchedule).to.deep.equal({ name: "linear" });
    expect(await messageOf(text)).to.include(
      "at /lrSchedule/totalSteps: expected an integer, got nothing",
    );
  });

  it("says of a wrong trainer.maxSteps that alone, whatever takes its number", async () => {
    const text = `${minimal}lrSchedule: { name: linear }\n`;
    const message = await messageOf(text, "trainer.maxSteps=abc");
    expect(message).to.include('/trainer/maxSteps: expected an integer >= 1, got "abc"');
    expect(message).not.to.include("also");
  });

  it("takes trainer.maxEpochs for the totalSteps of a schedule that counts epochs", async () => {
    const text = `${minimal}lrSchedule: {name: linear, interval: epoch}\n`;
    const { lrSchedule } = await load(text, "trainer.maxEpochs=9");
    expect(lrSchedule).to.deep.equal({ name: "linear", interval: "epoch" });
    expect(await messageOf(text, "trainer.maxSteps=9")).to.include("at /lrSchedule/totalSteps: ");
  });

  it("gives back YAML that reads as the same spec, without `extends`", async () => {
    folder.write({
      "base.yaml": minimal,
      "s.yaml": "extends: base.yaml\nname: x\nseed: 4294967295\n",
    });
    const first = await loadSpec(folder.path("s.yaml"), {
      overrides: ["model.init.scale=1e-7"],
      lookup,
    });
    folder.write({ "again.yaml": first.yaml });
    const second = await loadSpec(folder.path("again.yaml"), { lookup });
    expect(first.spec).to.have.nested.property("model.init.scale", 1e-7);
    expect(second.spec).to.deep.equal(first.spec);
    expect(second.yaml).to.equal(first.yaml);
    expect(parse(first.yaml)).to.not.have.property("extends");
  });

  it("takes 1.0 of a count-or-part key as all and 1 as one batch", async () => {
    const spec = await load(
      `${minimal}trainer: {limitTrainBatches: 1.0, limitValBatches: 1, valCheckInterval: 0.25}\n`,
    );
    expect(spec.trainer.limitTrainBatches).to.equal(null);
    expect(spec.trainer.limitValBatches).to.equal(1);
    expect(spec.trainer.valCheckInterval).to.equal(0.25);
  });

  it("lets null drop an extended key that has no null of its own", async () => {
    folder.write({
      "base.yaml": `${minimal}trainer: {maxSteps: 5, checkValEveryNEpoch: 2}\noptimizer: {name: adamW, learningRate: 1}\n`,
    });
    const spec = await load(
      "extends: base.yaml\noptimizer: null\ntrainer: {maxSteps: null, checkValEveryNEpoch: null}\n",
    );
    expect(spec).to.not.have.property("optimizer");
    expect(spec.trainer).to.not.have.property("maxSteps");
    expect(spec.trainer.checkValEveryNEpoch).to.equal(null);
  });

  for (const { text, overrides = [], expected } of [
    {
      text: "trainer: {maxStep: 1}",
      expected:
        'toy-fit.yaml:3 at /trainer/maxStep: unknown key "maxStep"; did you mean "maxSteps"?',
    },
    {
      text: 'trainer:\n  maxSteps: "800"',
      expected: 'toy-fit.yaml:4 at /trainer/maxSteps: expected an integer >= 1, got "800"',
    },
    {
      text: "",
      overrides: ["trainer.maxStep=1"],
      expected: 'command line at /trainer/maxStep: unknown key "maxStep"; did you mean "maxSteps"?',
    },
    {
      text: "",
      overrides: ["seed=-1"],
      expected: "command line at /seed: expected an integer >= 0 and <= 4294967295, got -1",
    },
    {
      text: "",
      overrides: ["seed=.nan"],
      expected: "command line at /seed: expected an integer >= 0 and <= 4294967295, got NaN",
    },
    {
      text: "trainer: {backend: wasm}",
      expected: 'at /trainer/backend: expected "ort", "webgpu", "tensorflow" or "cpu", got "wasm"',
    },
    {
      text: "trainer: {limitTrainBatches: -2}",
      expected: "expected an integer >= 0, a number > 0 and < 1 or null, got -2",
    },
    {
      text: "name: ../x",
      expected: 'at /name: expected text matching /^[A-Za-z0-9][A-Za-z0-9._-]*$/, got "../x"',
    },
    {
      text: "loggers: {wandb: yes}",
      expected: 'at /loggers/wandb: expected true or false or a mapping, got "yes"',
    },
    {
      text: "loggers: {wandb: {projekt: x}}",
      expected: 'at /loggers/wandb/projekt: unknown key "projekt"; did you mean "project"?',
    },
    {
      text: "model: {init: {scael: 1}}",
      expected: 'at /model/init/scael: unknown key "scael"; did you mean "scale"?',
    },
    { text: "modle: {}", expected: 'at /modle: unknown key "modle"; did you mean "model"?' },
    {
      text: "optimizer: {name: adam, learningRate: 1}",
      expected: 'at /optimizer/name: expected "adamW" or "sgd", got "adam"; did you mean "adamW"?',
    },
    {
      text: "optimizer: {name: sgd}",
      expected: "at /optimizer/learningRate: expected a number > 0, got nothing",
    },
    {
      text: "optimizer: {learningRate: 1}",
      expected: 'at /optimizer/name: expected "adamW" or "sgd", got nothing',
    },
    {
      text: "optimizer: {name: sgd, learningRate: 1, epsilon: 1}",
      expected: 'at /optimizer/epsilon: unknown key "epsilon"',
    },
    {
      text: "callbacks: [earlyStoping]",
      expected: 'at /callbacks/0/earlyStoping: no callback "earlyStoping"',
    },
    {
      text: "callbacks:\n  - progressBar\n  - earlyStopping: {patience: 0}",
      expected:
        "toy-fit.yaml:5 at /callbacks/1/earlyStopping/patience: expected an integer >= 1, got 0",
    },
    {
      text: "callbacks: [{progressBar: {}, earlyStopping: {}}]",
      expected: "at /callbacks/0: expected a callback's name, or one name with options",
    },
    {
      text: "callbacks: progressBar",
      expected: 'at /callbacks: expected a list of callbacks, got "progressBar"',
    },
    {
      text: "",
      overrides: ["experiment=tpy"],
      expected: 'command line at /experiment: no experiment "tpy"',
    },
    {
      text: "",
      overrides: ["experiment=[a]"],
      expected: 'at /experiment: expected the name of a folder in experiments/, got ["a"]',
    },
    {
      text: "",
      overrides: ["data=null"],
      expected: "at /data/folder: expected text that is not empty, got nothing",
    },
  ]) {
    it(`refuses ${JSON.stringify([text, ...overrides].join(" "))}`, async () => {
      expect(await messageOf(`${minimal}${text}\n`, ...overrides)).to.include(expected);
    });
  }

  it("blames the file that a wrong value came from", async () => {
    folder.write({ "base.yaml": `${minimal}\nseed: x\n` });
    expect(await messageOf("extends: base.yaml\n")).to.include("base.yaml:4 at /seed");
  });

  it("names every problem at once, in the order of the lines", async () => {
    expect(await messageOf("experiment: toy\nseed: x\nmodel:\n  width: 0\n  wdth: 1\n")).to.equal(
      [
        "Cannot read spec toy-fit.yaml:1 at /data/folder: expected text that is not empty, got nothing",
        'also toy-fit.yaml:2 at /seed: expected an integer >= 0 and <= 4294967295, got "x"',
        "also toy-fit.yaml:4 at /model/width: expected an integer >= 1, got 0",
        'also toy-fit.yaml:5 at /model/wdth: unknown key "wdth"; did you mean "width"?',
      ].join("\n  "),
    );
  });

  it("refuses an experiment whose section is called as a common key", async () => {
    const clashing = { ...lookup, sections: async () => ({ trainer: model }) };
    folder.write({ "s.yaml": minimal });
    const error: unknown = await loadSpec(folder.path("s.yaml"), { lookup: clashing }).catch(
      (e: unknown) => e,
    );
    expect(error)
      .to.be.instanceOf(TypeError)
      .with.property("message")
      .that.includes('section "trainer"');
  });
});

describe("readSection()", () => {
  const spec = { data: { folder: "x" } };

  it("returns the section as the type its schema describes", () => {
    expect(readSection<{ folder: string }>(toSpec(spec), "data", data).folder).to.equal("x");
  });

  it("refuses a section that does not fit", () => {
    expect(() => readSection(toSpec({ data: {} }), "data", data)).to.throw(TypeError, '"data"');
  });
});

function toSpec(sections: Record<string, unknown>): ExperimentSpec {
  return {
    name: "x",
    experiment: "toy",
    seed: 0,
    tags: [],
    trainer: {
      backend: "cpu",
      accumulateGradBatches: 1,
      gradientClipVal: null,
      gradientClipAlgorithm: "norm",
      valCheckInterval: null,
      checkValEveryNEpoch: 1,
      limitTrainBatches: null,
      limitValBatches: null,
      logEveryNSteps: 50,
      numSanityValSteps: 2,
      validateOnTrainEnd: true,
      maxTime: null,
      limitTestBatches: null,
      limitPredictBatches: null,
      overfitBatches: null,
      fastDevRun: false,
      detectAnomaly: false,
      onNonFinite: "stop",
      maxRollBacks: 3,
      profiler: null,
      precision: "32-true",
      lossScale,
      checkpoints: { async: "auto", maxShardSize: null },
      strategy: "auto",
      devices: "auto",
      benchmark: false,
      deterministic: true,
    },
    callbacks: [],
    loggers: { tensorBoard: true, wandb: true, csv: false, mlflow: false, console: false },
    tracking: { consoleOutput: true, systemMetricsSeconds: 5 },
    ...sections,
  };
}
