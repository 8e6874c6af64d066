import { expect } from "chai";
import { describe, it } from "mocha";

import { describeMeasurement, tableOf } from "./measurementTable.ts";

const measurement = {
  name: "unet",
  ms: 400,
  losses: [2.25],
  peakMb: 1096,
  peers: {
    pytorch: { ms: 440, ratio: 1.1, quartiles: [1, 1.2], peakMb: 740 },
    wasm: {
      reason: "Kernel 'Erf' not registered for backend 'wasm'",
      lacks: "kernel Erf",
    },
  },
} as const;
const own = { ...measurement, losses: [], peers: {} };

/** Cells of a Markdown table without their padding. */
function cellsOf(table: string): string[][] {
  return table.split("\n").map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe("tableOf()", () => {
  it("has columns for the peers there are, and names a kernel that one lacks", () => {
    const [header, , row] = cellsOf(tableOf([{ ...measurement, losses: [...measurement.losses] }]));
    expect(header).to.deep.equal([
      "work",
      "ours, ms",
      "PyTorch, ms",
      "ratio to PyTorch",
      "quartiles",
      "wasm, ms",
      "ratio to wasm",
      "peak, MB",
      "PyTorch's",
      "wasm's",
    ]);
    expect(row!.slice(1)).to.deep.equal([
      "400",
      "440",
      "1.10",
      "1.00-1.20",
      "no kernel Erf",
      "",
      "1096",
      "740",
      "",
    ]);
  });

  it("has our columns alone where nobody was compared", () => {
    expect(cellsOf(tableOf([own]))[0]).to.deep.equal(["work", "ours, ms", "peak, MB"]);
  });
});

describe("describeMeasurement()", () => {
  it("says how each peer did", () => {
    expect(describeMeasurement({ ...measurement, losses: [2.25] })).to.equal(
      "unet: 400 ms, 1.10 of PyTorch's speed, wasm has no kernel Erf, first losses 2.25000",
    );
    expect(describeMeasurement(own)).to.equal("unet: 400 ms");
  });
});
