import { readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { cpuKernels } from "../../../framework/backend/cpuKernels.ts";
import { kernelReference, kernelRows } from "../../../framework/cli/kernelReference.ts";
import { packageFolder } from "../../../framework/cli/places.ts";

describe("kernelReference()", () => {
  it("says where each kernel runs, whether it has a gradient, and how many there are", () => {
    const page = kernelReference([
      { kernel: "Add", runs: "ONNX Runtime", gradient: true, passes: true, notes: "" },
      { kernel: "Unique", runs: "CPU kernel", gradient: false, passes: true, notes: "why" },
    ]);
    expect(page).to.contain("1 are lowered to ONNX Runtime, 0 look at the same data");
    expect(page).to.contain("| `Add`    | ONNX Runtime | yes      |       |");
    expect(page).to.contain("| `Unique` | CPU kernel   |          | why   |");
    expect(page).to.contain("the backend passes it whole");
  });

  it("says where TF.js's own test suite is not satisfied", () => {
    const page = kernelReference([
      {
        kernel: "Tan",
        runs: "ONNX Runtime",
        gradient: true,
        passes: false,
        notes: 'fails "tan": rounding',
      },
    ]);
    expect(page).to.contain("but for what the notes of 1 kernels say");
    expect(page).to.contain('| yes      | fails "tan": rounding |');
  });
});

describe("kernelRows()", () => {
  it("has TF.js's kernels and our own", () => {
    const rows = new Map(kernelRows().map((row) => [row.kernel, row]));
    expect(rows.get("Reshape")).to.deep.include({ runs: "no copy", gradient: true });
    expect(rows.get("SeedbedGroupNorm")).to.deep.include({ runs: "ONNX Runtime", gradient: true });
    expect(rows.get("NonMaxSuppressionV3")).to.deep.include({
      runs: "CPU kernel",
      gradient: false,
    });
  });

  it("gives a reason for each kernel that is not lowered, and for no other", () => {
    const unlowered = kernelRows().filter(({ runs }) => runs === "CPU kernel");
    expect(unlowered.map(({ kernel }) => kernel)).to.have.members(Object.keys(cpuKernels));
  });
});

describe("docs/kernels.md", () => {
  it("is what `npm run docs:kernels` writes", () => {
    const current = readFileSync(path.join(packageFolder, "docs", "kernels.md"), "utf8");
    expect(current).to.equal(kernelReference(kernelRows()));
  });
});
