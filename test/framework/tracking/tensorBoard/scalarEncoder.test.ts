import { expect } from "chai";
import { describe, it } from "mocha";

import { metricsRow } from "../../../../framework/tracking/metricsRow.ts";
import { encodeEvent } from "../../../../framework/tracking/tensorBoard/proto.ts";
import { ScalarEncoder } from "../../../../framework/tracking/tensorBoard/scalarEncoder.ts";
import { scalarTensor } from "../../../../framework/tracking/tensorBoard/summaryTensors.ts";

/** What a whole encoder gives. */
function encoded(wallTime: number, step: number, scalars: Record<string, number>): Buffer {
  const value = Object.entries(scalars).map(([tag, number]) => ({
    tag,
    tensor: scalarTensor(number),
  }));
  return Buffer.from(encodeEvent({ wallTime, step, summary: { value } }));
}

function encode(
  encoder: ScalarEncoder,
  wallTimeSeconds: number,
  step: number,
  scalars: Record<string, number>,
): Uint8Array {
  return encoder.encode(metricsRow(scalars, { step, epoch: 0, wallTimeSeconds }));
}

describe("ScalarEncoder", () => {
  const values = [0, -0, 0.1, -1e30, 1e39, 1e-46, NaN, Infinity, -Infinity];
  const edges = Object.fromEntries(values.map((value, i) => [`value ${i}`, value]));
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`metric ${i}`, i / 7]));
  const cases: {
    name: string;
    step: number;
    wallTime?: number;
    scalars: Record<string, number>;
  }[] = [
    { name: "one number", step: 1, scalars: { "train/loss": 0.5 } },
    { name: "numbers at the edges of float32", step: 127, scalars: edges },
    { name: "many tags", step: 128, scalars: many },
    { name: "tags beyond ASCII, and long ones", step: 0, scalars: { é: 1, ["x".repeat(200)]: 2 } },
    { name: "the start of time", step: 0, wallTime: 0, scalars: { a: 1 } },
    { name: "the largest step", step: Number.MAX_SAFE_INTEGER, scalars: { a: 1 } },
  ];
  for (const { name, step, wallTime = 1_700_000_000.25, scalars } of cases) {
    it(`gives the bytes of encodeEvent() for ${name}`, () => {
      const encoder = new ScalarEncoder();
      encode(encoder, 1, 1, { a: 7, "train/loss": 8 }); // what came before leaves no trace
      expect(encode(encoder, wallTime, step, scalars)).to.deep.equal(
        encoded(wallTime, step, scalars),
      );
    });
  }

  it("takes turns with many sets of tags, of which some have the same", () => {
    const encoder = new ScalarEncoder();
    for (let step = 1; step < 60; step++) {
      const tags = ["a", "b", "c", "d"].slice(0, 1 + (step % 4)).map((tag) => tag + (step % 11));
      const scalars = Object.fromEntries(tags.map((tag, i) => [tag, step + i / 7]));
      expect(encode(encoder, 1, step, scalars)).to.deep.equal(encoded(1, step, scalars));
    }
  });
});
