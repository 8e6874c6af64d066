import { expect } from "chai";
import { describe, it } from "mocha";

import { parseSpecText } from "../../../../framework/spec/parseSpecText.ts";
import { mapping } from "../../../../framework/spec/specNode.ts";
import { commandWords } from "../../../../framework/sweep/command/commandWords.ts";

describe("commandWords()", () => {
  const tree = parseSpecText(
    `lr: 1e-5
big: 1e16
n: 64
on: true
off: false
none: null
name: it's
layers: [1, 2.0, a]
optimizer: { name: sgd, nesterov: true }
`,
    "sweep.yaml",
  );
  const config = mapping(tree.origin, tree.kind === "mapping" ? tree.entries : []);
  const words = (...command: string[]): string[] =>
    commandWords(command, {
      config,
      program: "train.py",
      interpreter: "python",
      jsonFile: "/runs/config.json",
      environment: { USER: "ada" },
    });

  /** What wandb 0.30.0's agent makes of the same values. */
  const values = [
    ["lr", "1e-05"],
    ["big", "1e+16"],
    ["n", "64"],
    ["on", "True"],
    ["off", "False"],
    ["none", "None"],
    ["name", "it's"],
    ["layers", "[1, 2.0, 'a']"],
    ["optimizer", "{'name': 'sgd', 'nesterov': True}"],
  ];

  const cases: [macro: string, expected: string[]][] = [
    ["${env}", ["/usr/bin/env"]],
    ["${interpreter}", ["python"]],
    ["${program}", ["train.py"]],
    ["${args}", values.map(([name, value]) => `--${name}=${value}`)],
    ["${args_no_equals}", values.flatMap(([name, value]) => [`--${name}`, value!])],
    ["${args_no_hyphens}", values.map(([name, value]) => `${name}=${value}`)],
    [
      "${args_no_boolean_flags}",
      values.flatMap(([name, value]) =>
        name === "off" ? [] : [name === "on" ? "--on" : `--${name}=${value}`],
      ),
    ],
    [
      "${args_json}",
      [
        '{"lr": 1.0e-05, "big": 1.0e+16, "n": 64, "on": true, "off": false, "none": null, "name": "it\'s", "layers": [1, 2.0, "a"], "optimizer": {"name": "sgd", "nesterov": true}}',
      ],
    ],
    ["${args_json_file}", ["/runs/config.json"]],
    ["${args_append_hydra}", values.map(([name, value]) => `+${name}=${value}`)],
    ["${args_override_hydra}", values.map(([name, value]) => `++${name}=${value}`)],
    ["--user=${envvar:USER}", ["--user=ada"]],
    ["--plain", ["--plain"]],
  ];
  for (const [macro, expected] of cases) {
    it(`replaces ${macro}`, () => expect(words(macro)).to.deep.equal(expected));
  }

  it("refuses an environment variable that is not set", () => {
    expect(() => words("${envvar:NOWHERE}")).to.throw(
      "expected the environment variable NOWHERE, which ${envvar:NOWHERE} asks for, got none",
    );
  });
});
