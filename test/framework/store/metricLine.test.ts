import { writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { parseMetricLine } from "../../../framework/store/metricLine.ts";
import {
  formatRecord,
  readRecords,
  type RunRecord,
} from "../../../framework/tracking/metricsFile.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** The index reads `metrics.jsonl` by itself; here it is held against the reader of whole records. */
describe("parseMetricLine()", () => {
  const folder = temporaryFolder();
  const readWhole = (line: string): RunRecord[] => {
    writeFileSync(folder.path("metrics.jsonl"), `${line}\n`);
    return readRecords(folder.path());
  };

  const point = { step: 3, epoch: 0.5, wallTimeSeconds: 1.5 };
  const counts = [1, 0];
  const records: RunRecord[] = [
    { kind: "metrics", ...point, metrics: { loss: 0.1 + 0.2, "": -0, '"step":9': 5e-324 } },
    { kind: "metrics", step: -1, epoch: NaN, wallTimeSeconds: 1e21, metrics: {} },
    { kind: "text", ...point, key: "t", text: '"metrics":{"loss":1}\u2028' },
    { kind: "text", ...point, wallTimeSeconds: 1e-9, key: "t", text: "" },
    { kind: "images", ...point, epoch: NaN, key: "i", images: [] },
    { kind: "histogram", ...point, key: "h", edges: [0, 1, 2], counts },
    { kind: "table", ...point, key: "a", columns: ["x"], rows: [[1], [null]] },
    {
      ...{ kind: "prCurve", ...point, key: "p", precision: counts, recall: counts },
      ...{ truePositives: counts, falsePositives: counts },
      ...{ trueNegatives: counts, falseNegatives: counts },
    },
  ];
  for (const record of records) {
    const line = formatRecord(record).trimEnd();
    it(`finds in ${line} what \`readRecords\` does`, () => {
      const [whole] = readWhole(line);
      const found = parseMetricLine(line)!;
      expect(found.step).to.equal(whole!.step);
      expect(found.time).to.equal(whole!.wallTimeSeconds);
      if (whole!.kind !== "metrics") return expect(found.metrics).to.equal(undefined);
      expect(found.epoch).to.deep.equal(whole!.epoch);
      expect(found.metrics).to.deep.equal(whole!.metrics);
    });
  }

  const head = '"step":1,"epoch":0,"wallTimeSeconds":1';
  for (const line of [
    "",
    "{",
    "[]",
    '{"kind":"metrics"}',
    `{${head}}`,
    `{"kind":"metrics",${head},"metrics":[]}`,
    `{"kind":"text",${head},"key":"t","text":"cut of`,
    `{"kind":"metrics","step":"1","epoch":0,"wallTimeSeconds":1,"metrics":{}}`,
  ]) {
    it(`refuses ${line === "" ? "an empty line" : line} as \`readRecords\` does`, () => {
      expect(parseMetricLine(line)).to.equal(undefined);
      expect(() => readWhole(line)).to.throw(InputError);
    });
  }

  for (const [what, line, metrics] of [
    ["a kind of a later version", `{"kind":"sound",${head},"key":"s"}`, undefined],
    ["a value that is no number", `{"kind":"metrics",${head},"metrics":{"a":"x"}}`, { a: "x" }],
    ["a line without a time", '{"kind":"metrics","step":1,"metrics":{"a":2}}', { a: 2 }],
  ] as const) {
    it(`passes over ${what}, for which \`readRecords\` refuses the log`, () => {
      expect(parseMetricLine(line)).to.deep.include({ step: 1, metrics });
      expect(() => readWhole(line)).to.throw(InputError);
    });
  }
});
