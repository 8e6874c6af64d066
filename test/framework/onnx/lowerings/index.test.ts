import { readdirSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { kernelNames } from "../../../../framework/nn/ops/index.ts";
import * as lowerings from "../../../../framework/onnx/lowerings/index.ts";

const folder = path.join(import.meta.dirname, "../../../../framework/onnx/lowerings");
const families = readdirSync(folder)
  .filter((file) => file !== "index.ts")
  .toSorted();

describe("lowerings", () => {
  it("have a test file for each of their files", () => {
    const tests = readdirSync(import.meta.dirname).map((file) => file.replace(".test.ts", ".ts"));
    expect(families.filter((file) => !tests.includes(file))).to.deep.equal([]);
  });

  it("are exported by the index, each by one file", async () => {
    const modules: object[] = await Promise.all(
      families.map((file) => import(path.join(folder, file))),
    );
    const names = modules
      .flatMap((module) => Object.keys(module))
      .filter((n) => /^_?[A-Z]/.test(n));
    expect(names.toSorted()).to.deep.equal(Object.keys(lowerings).toSorted());
  });

  it("exist for each of our own kernels", () => {
    const lowered = new Set(Object.keys(lowerings));
    expect(kernelNames.filter((name) => !lowered.has(name))).to.deep.equal([]);
  });
});
