import { expect } from "chai";
import { describe, it } from "mocha";

import { metricsRow } from "../../../../framework/tracking/metricsRow.ts";
import { HistoryEncoder } from "../../../../framework/tracking/wandb/historyEncoder.ts";
import { itemsOf } from "../../../../framework/tracking/wandb/json.ts";
import { encodeRecord } from "../../../../framework/tracking/wandb/proto.ts";

type Entries = [key: string, valueJson: string][];

describe("HistoryEncoder", () => {
  const many: Entries = Array.from({ length: 40 }, (_, i) => [`metric ${i}`, String(i / 7)]);
  const cases: { name: string; num: number; step: number; entries: Entries }[] = [
    { name: "one value", num: 3, step: 300, entries: [["loss", "NaN"]] },
    { name: "nothing but a step", num: 1, step: 0, entries: [] },
    { name: "many values", num: 127, step: 127, entries: many },
    { name: "text beyond ASCII", num: 128, step: 128, entries: [["é", '"ü€😀"']] },
    { name: "half of a surrogate pair", num: 9, step: 9, entries: [["a\ud800b", "1"]] },
    { name: "an empty key", num: 9, step: 9, entries: [["", "1"]] },
    { name: "long values", num: 2 ** 31, step: 2 ** 40, entries: [["x", `"${"y".repeat(2e4)}"`]] },
  ];
  for (const { name, num, step, entries } of cases) {
    it(`gives the bytes of encodeRecord() for ${name}`, () => {
      const encoder = new HistoryEncoder();
      encoder.encode(1, undefined, [new Map([["loss", "0.25"]])], 1); // what came before leaves no trace
      expect(encoder.encode(num, undefined, [new Map(entries)], step)).to.deep.equal(
        Buffer.from(
          encodeRecord(num, { history: { item: itemsOf(entries), step: { num: step } } }),
        ),
      );
    });
  }

  const plain: Entries = [
    ["loss", "0.25"],
    ["é", "NaN"],
    ["", "-0"],
  ];
  const named = (length: number): Entries => [...plain, ["k".repeat(length), String(1 / 7)]];
  const numberCases: Record<string, Entries> = { "of plain names": plain };
  for (const length of [70, 80, 85, 86, 87, 88, 89, 90, 100, 127, 128, 300]) {
    numberCases[`with a name of ${length} letters`] = named(length);
  }
  for (const [what, entries] of Object.entries(numberCases)) {
    it(`puts numbers ${what} before all else, as it does those of a map`, () => {
      const encoder = new HistoryEncoder();
      const metrics = Object.fromEntries(entries.map(([key, value]) => [key, Number(value)]));
      const numbers = metricsRow(metrics, { step: 7, epoch: 0, wallTimeSeconds: 0 });
      const other = new Map([["text", '"said"']]);
      const whole = encoder.encode(5, undefined, [new Map(entries), other], 7);
      const expected = Buffer.from(whole);
      for (let again = 0; again < 2; again++) {
        expect(Buffer.from(encoder.encode(5, numbers, [other], 7))).to.deep.equal(expected);
      }
    });
  }
});
