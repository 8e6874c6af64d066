import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor, type HostBatch } from "../../../framework/base/hostTensor.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { onOwnRows } from "../../../framework/training/ownRows.ts";

const batchOf = (...values: number[]): HostBatch => ({
  x: hostTensor(Float32Array.from(values.flatMap((value) => [value, -value])), [values.length, 2]),
});

/** Adds noise as modules do: all rows' timesteps first, then all rows' noise. */
function addNoise(batch: HostBatch): HostBatch {
  const random = new RandomStream(3, "noise");
  const { values, shape } = batch["x"]!;
  const rows = shape[0]!;
  const timesteps = Int32Array.from({ length: rows }, () => random.integer(1000));
  return {
    ...batch,
    timesteps: hostTensor(timesteps, [rows]),
    noise: hostTensor(random.normals(values.length), shape),
    weight: hostTensor(Float32Array.of(0.5), []),
    table: hostTensor(Float32Array.of(1, 2, 3), [3]),
  };
}

const rowsOf = (batch: HostBatch, rows: number[]): unknown =>
  Object.entries(batch).map(([name, { values, shape }]) => {
    if (name === "weight" || name === "table") return [name, [...values], shape];
    const size = values.length / shape[0]!;
    return [name, rows.map((row) => [...values.subarray(row * size, (row + 1) * size)])];
  });

describe("onOwnRows()", () => {
  it("gives every worker the rows that one process would have made", async () => {
    const whole = addNoise(batchOf(1, 2, 3, 4));
    const shares = [batchOf(1, 3), batchOf(2, 4)];
    for (const [rank, share] of shares.entries()) {
      const own = await onOwnRows(share, { rank, worldSize: 2 }, addNoise);
      expect(rowsOf(own, [0, 1])).to.deep.equal(rowsOf(whole, [rank, rank + 2]));
    }
  });

  it("leaves a single process alone", async () => {
    const batch = batchOf(1, 2);
    const own = await onOwnRows(batch, { rank: 0, worldSize: 1 }, (whole) => {
      expect(whole).to.equal(batch);
      return whole;
    });
    expect(own).to.equal(batch);
  });
});
