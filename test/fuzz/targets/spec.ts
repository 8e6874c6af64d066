import { loadSpec, type SpecLookup } from "../../../framework/spec/loadSpec.ts";
import { applyOverride } from "../../../framework/spec/overrides.ts";
import { readSpec } from "../../../framework/spec/readSpec.ts";
import { yamlTraps } from "../../../framework/spec/yamlTraps.ts";
import { inputText, type FuzzTarget } from "../fuzzTarget.ts";
import { fixture, inFile } from "../scratch.ts";

const write = inFile("spec", "spec.yaml");
const part = { type: "object", properties: { width: { type: "integer", minimum: 1 } } } as const;
const lookup: SpecLookup = {
  sections: async () => ({ data: part, model: part }),
  callback: async () => ({ type: "object", properties: { everyNTrainSteps: { type: "integer" } } }),
  optimizers: { adam: { type: "object", properties: { learningRate: { type: "number" } } } },
  lrSchedules: { cosine: { type: "object", properties: {} } },
};

/** Experiments' YAML, with an override where its first line is a comment. */
export const target: FuzzTarget = {
  name: "spec",
  covers: ["framework/spec/", "node_modules/yaml/dist"],
  seeds: [
    fixture("configs/autoencoder.yaml"),
    Buffer.from(
      "#trainer.maxSteps=10\nexperiment: toy\ntrainer: { maxSteps: 3, backend: cpu }\n" +
        "optimizer: { name: adam, learningRate: 1.0e-3 }\ncallbacks: [modelCheckpoint: {everyNTrainSteps: 2}]\n",
    ),
    Buffer.from(
      "#callbacks.0={a: [1, &x 2, *x]}\nexperiment: &e toy\nname: *e\ndata: !!map { width: 0x10 }\n" +
        "model: |\n  text\nlrSchedule: { name: cosine, interval: epoch }\n",
    ),
  ],
  words: ["&a ", "*a", "!!", "<<: ", "? ", "- ", ": ", "|+\n", ">-\n", "---\n", "%YAML 1.1\n", "#"],
  async run(input) {
    const text = inputText(input);
    const file = write(input);
    yamlTraps(file);
    const [, override] = /^#(.*)/.exec(text) ?? [];
    if (override !== undefined) applyOverride(readSpec(file).root, override);
    return (await loadSpec(file, { lookup })).spec;
  },
};
