import { expect } from "chai";
import { describe, it } from "mocha";

import { yamlTraps } from "../../../framework/spec/yamlTraps.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("yamlTraps()", () => {
  const folder = temporaryFolder();
  const warnings = (text: string): string[] => {
    folder.write({ "sweep.yaml": text });
    return yamlTraps(folder.path("sweep.yaml")).map((line) => line.replace(folder.path(), ""));
  };

  /** What PyYAML 6 makes of each is in the specification of sweeps. */
  const cases: [text: string, warning: string][] = [
    ["a: 1e-3", "1e-3 is a number here, and text for PyYAML; write 1.0e-3"],
    ["a: 2.5e3", "2.5e3 is a number here, and text for PyYAML; write 2.5e+3"],
    ["a: [on]", "on is text here, and true for PyYAML; quote it, or write true"],
    ["a: No", "No is text here, and false for PyYAML; quote it, or write false"],
    ["a: 012", "012 is 12 here, and octal for PyYAML; drop the 0, or quote it"],
    ["a: 1_000", "1_000 is text here, and a number for PyYAML; write 1000"],
    ["a: { <<: 1 }", "<< is an ordinary key here, and merges mappings for PyYAML"],
    [
      "a: { min: 0, max: 1.0 }",
      "min 0 and max 1.0 give real numbers, as one of them is no integer",
    ],
    [
      "a: { min: 0, max: 1 }",
      "min 0 and max 1 give the integers 0 and 1 alone; write 0.0 for what lies between",
    ],
  ];
  for (const [text, warning] of cases) {
    it(`warns of ${text}`, () =>
      expect(warnings(`b: 1\n${text}\n`)).to.deep.equal([`/sweep.yaml:2: ${warning}`]));
  }

  for (const text of [
    "a: 1.0e-3",
    'a: "on"',
    "a: 0",
    "a: '1_000'",
    "a: { min: 0, max: 10 }",
    "a: { min: 0.0, max: 1.0 }",
    "a: { distribution: uniform, min: 0, max: 1 }",
  ]) {
    it(`is content with ${text}`, () => expect(warnings(`${text}\n`)).to.deep.equal([]));
  }
});
