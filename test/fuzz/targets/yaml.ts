import { applyOverride } from "../../../framework/spec/overrides.ts";
import { parseSpecText } from "../../../framework/spec/parseSpecText.ts";
import { readSpec } from "../../../framework/spec/readSpec.ts";
import { toPlain } from "../../../framework/spec/specNode.ts";
import { yamlTraps } from "../../../framework/spec/yamlTraps.ts";
import { inputText, type FuzzTarget } from "../fuzzTarget.ts";
import { fixture, inFile } from "../scratch.ts";

const write = inFile("yaml", "spec.yaml");

/** YAML, before any schema sees it; an override where the first line is a comment. */
export const target: FuzzTarget = {
  name: "yaml",
  covers: ["framework/spec/", "node_modules/yaml/dist"],
  mostBytes: 2048,
  seeds: [
    fixture("configs/autoencoder.yaml"),
    Buffer.from(
      '#callbacks.0={a: [1, &x 2, *x]}\nexperiment: &e toy\nname: *e\ndata: !!map { "w": 0x10 }\n' +
        "model: |\n  text\n? a\n: - >-\n    b\n  - ['c', d]\n  - { e: .inf }\n",
    ),
  ],
  words: ["&a ", "*a", "!!", "<<: ", "? ", "- ", ": ", "|+\n", ">-\n", "---\n", "%YAML 1.1\n", "#"],
  run(input) {
    const text = inputText(input);
    const plain = toPlain(parseSpecText(text, "spec.yaml"));
    const file = write(input);
    yamlTraps(file);
    const [, override] = /^#(.*)/.exec(text) ?? [];
    if (override !== undefined) applyOverride(readSpec(file).root, override);
    return plain;
  },
};
