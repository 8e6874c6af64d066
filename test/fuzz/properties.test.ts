/** @file Properties that hold for every value: what is written is read back, also where it is cut. */
import { writeFileSync } from "node:fs";

import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { stringify } from "yaml";

import { forbiddenKeys, parseSpecText } from "../../framework/spec/parseSpecText.ts";
import { toPlain } from "../../framework/spec/specNode.ts";
import { quoteColumn } from "../../framework/store/filter.ts";
import { parseFilter } from "../../framework/store/filterSyntax.ts";
import { readTensorBoardEvents } from "../../framework/store/foreign/tensorBoardEvents.ts";
import { redactSecrets } from "../../framework/tracking/redactSecrets.ts";
import { frameRecord } from "../../framework/tracking/tensorBoard/eventFile.ts";
import { encodeEvent } from "../../framework/tracking/tensorBoard/proto.ts";
import { frameLog, salvageTransactionLog } from "../../framework/tracking/wandb/transactionLog.ts";
import { parsePythonJson, pythonJson } from "../../framework/weights/jsonFile.ts";
import { readSafetensors, writeSafetensors } from "../../framework/weights/safetensors.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

/** The same values on every machine. */
const options = { seed: 1, numRuns: 60 };
const bytes = fc.uint8Array({ maxLength: 300 });
const key = fc
  .string({ unit: "grapheme", maxLength: 8 })
  .filter((each) => !forbiddenKeys.has(each));
const scalar = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.boolean(),
  fc.constant(null),
  fc.integer(),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    scalar,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe("every value", () => {
  const folder = temporaryFolder();

  it("of a spec is read from the YAML that it is written as", () => {
    const check = (value: unknown): void => {
      const text = stringify({ value });
      expect(toPlain(parseSpecText(text, "spec.yaml"))).to.deep.equal({ value });
    };
    fc.assert(fc.property(tree, check), options);
  });

  it("of settings is read as Python reads it, also where it is no finite number", () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity));
    const values = fc.dictionary(fc.string(), fc.oneof(number, fc.string()), {
      noNullPrototype: true,
    });
    const check = (value: object): void => {
      const expected = JSON.parse(
        JSON.stringify(value, (_, each: unknown) => (each === 0 ? 0 : each)),
      );
      const read = Object(parsePythonJson(pythonJson(value)));
      expect(Object.keys(read)).to.deep.equal(Object.keys(expected));
      for (const [name, each] of Object.entries(value)) {
        expect(read[name] === each || (Number.isNaN(each) && Number.isNaN(read[name]))).to.equal(
          true,
        );
      }
    };
    fc.assert(fc.property(values, check), options);
  });

  it("of a tensor is read from the file that it is written to, whatever the tensor is called", () => {
    const shape = fc.array(fc.nat(4), { maxLength: 4 });
    const name = fc
      .string({ unit: "grapheme", minLength: 1 })
      .filter((each) => each !== "__metadata__");
    const check = (shapes: [string, number[]][]): void => {
      const tensors = new Map(
        shapes.map(([each, sizes]) => {
          const size = sizes.reduce((all, one) => all * one, 1);
          return [
            each,
            { shape: sizes, values: Float32Array.from({ length: size }, (_, i) => i / 3) },
          ];
        }),
      );
      writeSafetensors(folder.path("a.safetensors"), tensors);
      const read = readSafetensors(folder.path("a.safetensors"));
      expect([...read.keys()]).to.have.members([...tensors.keys()]);
      for (const [each, { shape: sizes, values }] of tensors) {
        expect(read.get(each)).to.deep.include({ shape: sizes, values });
      }
    };
    fc.assert(fc.property(fc.array(fc.tuple(name, shape), { maxLength: 5 }), check), options);
  });

  it("named by a column is named by the filter that quotes it", () => {
    const check = (name: string): void => {
      const node = parseFilter(`${quoteColumn(`config.${name}`)} = 1`);
      expect(node).to.deep.include({ kind: "compare" });
      expect(node.kind === "compare" && node.left).to.deep.include({ name: `config.${name}` });
    };
    fc.assert(fc.property(fc.string({ minLength: 1 }), check), options);
  });
});

/** Bytes; a block of W&B's log ends in fewer that say nothing, and are not missed. */
const mostPadding = 7;

/** A part of some pieces in a row, and where those end that are whole in it. */
function cut(
  pieces: readonly Uint8Array[],
  part: number,
): { readonly kept: Buffer; readonly ends: readonly number[] } {
  const whole = Buffer.concat(pieces);
  const kept = whole.subarray(0, Math.floor(part * whole.length));
  const ends: number[] = [];
  for (const { length } of pieces) ends.push((ends.at(-1) ?? 0) + length);
  return { kept, ends: ends.filter((end) => end <= kept.length) };
}

describe("every log that is cut", () => {
  const folder = temporaryFolder();

  it("of W&B has the records before the cut, and says that it is cut", () => {
    const check = (records: Uint8Array[], part: number): void => {
      const { kept, ends } = cut([...frameLog(records)], part);
      writeFileSync(folder.path("x.wandb"), kept);
      const { records: read, damagedAt, isCut } = salvageTransactionLog(folder.path("x.wandb"));
      expect(damagedAt).to.equal(undefined);
      const before = records.slice(0, Math.max(0, ends.length - 1)); // the header comes first
      expect(read.map((each) => Buffer.from(each).toString("hex"))).to.deep.equal(
        before.map((each) => Buffer.from(each).toString("hex")),
      );
      const rest = kept.length - (ends.at(-1) ?? -mostPadding);
      if (rest === 0 || rest >= mostPadding) expect(isCut).to.equal(rest > 0);
    };
    const large = fc.nat(70_000).map((length) => new Uint8Array(length).fill(7));
    const records = fc.array(fc.oneof(bytes, large), { maxLength: 6 });
    fc.assert(fc.property(records, fc.double({ min: 0, max: 1, noNaN: true }), check), options);
  });

  it("of TensorBoard has the events before the cut", () => {
    const check = (steps: number[], part: number): void => {
      const framed = steps.map((step) => frameRecord(encodeEvent({ wallTime: 1, step })));
      const { kept, ends } = cut(framed, part);
      writeFileSync(folder.path("events"), kept);
      const read = [...readTensorBoardEvents(folder.path("events"))].map(({ step }) => step);
      expect(read).to.deep.equal(steps.slice(0, ends.length));
    };
    const part = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(1));
    fc.assert(fc.property(fc.array(fc.nat(), { maxLength: 8 }), part, check), options);
  });
});

describe("every secret", () => {
  it("is taken out of every text, and taking it out again changes nothing", () => {
    const secret = fc.string({ minLength: 16, maxLength: 40 });
    const check = (value: string, before: string, after: string): void => {
      const environment = { A_TOKEN: value };
      const text = `${before}${JSON.stringify({ value, url: encodeURIComponent(value) })}${after}`;
      const clean = redactSecrets(text, environment);
      expect(clean.includes(value)).to.equal(false);
      expect(redactSecrets(clean, environment)).to.equal(clean);
    };
    fc.assert(fc.property(secret, fc.string(), fc.string(), check), options);
  });
});
