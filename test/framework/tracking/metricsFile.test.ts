import { writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import {
  formatRecord,
  readMetrics,
  readRecordLines,
  readRecords,
  type RunRecord,
} from "../../../framework/tracking/metricsFile.ts";
import { prCurvePoints } from "../../../framework/tracking/prCurve.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const point = { step: 3, epoch: 0, wallTimeSeconds: 1.5 };

describe("formatRecord()", () => {
  it("writes one line of JSON that other programs can read", () => {
    const line = formatRecord({ kind: "metrics", ...point, metrics: { loss: 0.1, norm: NaN } });
    expect(line).to.equal(
      '{"kind":"metrics","step":3,"epoch":0,"wallTimeSeconds":1.5,"metrics":{"loss":0.1,"norm":"NaN"}}\n',
    );
  });
});

describe("readMetrics()", () => {
  const folder = temporaryFolder();
  const write = (text: string): void => writeFileSync(folder.path("metrics.jsonl"), text);

  it("gives back every float64 to the last bit", () => {
    const values = [0.1 + 0.2, -0, 5e-324, Number.MAX_VALUE, 1 / 3, 1e21, NaN, Infinity, -Infinity];
    const metrics = Object.fromEntries(values.map((value, i) => [`m${i}`, value]));
    write(formatRecord({ kind: "metrics", ...point, metrics }));
    const [record] = readMetrics(folder.path());
    const read = Object.values(record!.metrics);
    expect(read.map((value, i) => Object.is(value, values[i]))).to.deep.equal(
      values.map(() => true),
    );
  });

  it("is empty for a run that has logged nothing", () => {
    expect(readMetrics(folder.path())).to.deep.equal([]);
  });

  it("reads a file piece by piece: it may be longer than a text can be", () => {
    const record: RunRecord = { kind: "text", ...point, key: "note", text: "größe" };
    const line = formatRecord(record);
    write(line.repeat(3));
    const lines = readRecordLines(folder.path("metrics.jsonl"), 7);
    expect(lines.next().value).to.deep.equal({ line, record });
    write(`${line}damaged\n`); // what is read later is not there yet
    expect(() => [...lines]).to.throw(InputError, /metrics\.jsonl:\d: expected a record/);
  });

  it("reads every kind of record in order, and metrics apart", () => {
    const image = { file: "media/a.png", width: 2, height: 1, sha256: "ab", caption: "c" };
    const records: RunRecord[] = [
      { kind: "text", ...point, key: "t", text: "line\nline\u2028" },
      { kind: "metrics", ...point, metrics: { loss: 1, "": 2 } },
      { kind: "images", ...point, key: "i", images: [image] },
      { kind: "histogram", ...point, key: "h", edges: [0, 1, 2], counts: [3, 0] },
      {
        kind: "table",
        ...point,
        key: "a",
        columns: ["x", "x"],
        rows: [
          ["<b>", null],
          [true, 1],
        ],
      },
      { kind: "prCurve", ...point, key: "p", ...prCurvePoints({ labels: [1], predictions: [1] }) },
    ];
    write(records.map(formatRecord).join(""));
    expect(readRecords(folder.path())).to.deep.equal(records);
    expect(readMetrics(folder.path())).to.deep.equal([records[1]]);
  });

  it("has words in a table for numbers that JSON cannot hold", () => {
    const rows = [[NaN, -Infinity]];
    write(formatRecord({ kind: "table", ...point, key: "a", columns: ["x", "y"], rows }));
    expect(readRecords(folder.path())[0]).to.deep.include({ rows: [["NaN", "-Infinity"]] });
  });

  it("passes over a last line that a killed process did not finish", () => {
    const line = formatRecord({ kind: "metrics", ...point, metrics: { loss: 1 } });
    for (const length of [1, 20, line.length - 1]) {
      write(line + line.slice(0, length));
      expect(readMetrics(folder.path()), `${length} characters`).to.have.length(1);
    }
  });

  const good = formatRecord({ kind: "metrics", ...point, metrics: {} });
  for (const bad of [
    "{",
    "[]",
    '{"kind":"metrics"}',
    good.replace("{}", '{"a":"x"}').trim(),
    good.replace("metrics", "x").trim(),
    '{"kind":"table","step":1,"epoch":0,"wallTimeSeconds":1,"key":"h","columns":["a"],"rows":[[{}]]}',
    '{"kind":"prCurve","step":1,"epoch":0,"wallTimeSeconds":1,"key":"h","precision":[1]}',
    '{"kind":"histogram","step":1,"epoch":0,"wallTimeSeconds":1,"key":"h","edges":["0"],"counts":[]}',
  ]) {
    it(`names the line that reads ${bad}`, () => {
      write(`${good}${bad}\n${good}`);
      expect(() => readMetrics(folder.path())).to.throw(
        InputError,
        /metrics\.jsonl:2: expected a record/,
      );
    });
  }
});
