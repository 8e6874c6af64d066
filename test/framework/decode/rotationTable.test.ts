import { expect } from "chai";
import { describe, it } from "mocha";

import { RotationTable } from "../../../framework/decode/rotationTable.ts";

const config = {
  head_dim: 8,
  rope_theta: 10_000,
  max_position_embeddings: 64,
  rope_scaling: { rope_type: "default" },
} as const;
const features = Float32Array.of(0.5, -1, 2, 0.25, 1, 0.75, -0.5, 1.5);

/** Features as they are turned at a position, by the table's cosines and sines. */
function turnedAt(table: RotationTable, position: number): Float32Array {
  table.set(0, position);
  return features.map((x, i) => {
    const pair = i % 4;
    const other = features[(i + 4) % 8]!;
    return x * table.cos[pair]! + (i < 4 ? -1 : 1) * other * table.sin[pair]!;
  });
}

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, x, i) => sum + x * b[i]!, 0);

describe("RotationTable", () => {
  it("turns by the position times the frequencies", () => {
    const table = new RotationTable(config, 2, 64);
    table.set(1, 3);
    const angles = [3, 0.3, 0.03, 0.003];
    for (const [i, angle] of angles.entries()) {
      expect(table.cos[4 + i]).to.be.closeTo(Math.cos(angle), 1e-7);
      expect(table.sin[4 + i]).to.be.closeTo(Math.sin(angle), 1e-7);
    }
  });

  it("turns keys on as if they stood later", () => {
    const table = new RotationTable(config, 1, 64);
    const moved = table.turned(turnedAt(table, 5), 40);
    for (const [i, x] of turnedAt(table, 45).entries()) expect(moved[i]).to.be.closeTo(x, 1e-6);
  });

  it("lets scores depend on distance alone, a million tokens into a text as well", () => {
    const table = new RotationTable(config, 1, 64);
    const score = (position: number): number =>
      dot(turnedAt(table, position), turnedAt(table, position - 7));
    for (const position of [7, 1000, 2 ** 20, 2 ** 24]) {
      expect(score(position), `at ${position}`).to.be.closeTo(score(7), 2e-6);
    }
  });

  it("sharpens scores where frequencies say so", () => {
    const scaling = { rope_type: "yarn", factor: 4, beta_fast: 32, beta_slow: 1 } as const;
    const rope_scaling = {
      ...scaling,
      original_max_position_embeddings: 16,
      attention_factor: 1.5,
    };
    const table = new RotationTable({ ...config, rope_scaling }, 1, 64);
    table.set(0, 0);
    expect([...table.cos]).to.deep.equal([1.5, 1.5, 1.5, 1.5]);
    expect([...table.turned(features, 0)]).to.deep.equal([...features]);
  });
});
