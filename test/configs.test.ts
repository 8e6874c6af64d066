import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { packageFolder } from "../framework/cli/places.ts";
import { readPriceTable } from "../framework/serve/prices/priceTable.ts";
import { readSpec } from "../framework/spec/readSpec.ts";

/** YAML files below a folder of the package, sorted; `base/` holds parts that others extend. */
function yamlFiles(folder: string): { runnable: string[]; parts: string[] } {
  const root = path.join(packageFolder, folder);
  const names = existsSync(root) ? readdirSync(root, { recursive: true, encoding: "utf8" }) : [];
  const files = names
    .filter((name) => /\.ya?ml$/.test(name))
    .toSorted()
    .map((name) => path.join(root, name));
  const isPart = (file: string): boolean => path.relative(root, file).split(path.sep)[0] === "base";
  return { runnable: files.filter((file) => !isPart(file)), parts: files.filter(isPart) };
}

const name = (file: string): string => path.relative(packageFolder, file);

describe("configs", () => {
  const { runnable: all, parts } = yamlFiles("configs");
  const prices = all.filter((file) => path.basename(path.dirname(file)) === "serve");
  const runnable = all.filter((file) => !prices.includes(file));

  for (const file of prices) {
    it(`${name(file)} is a file of prices`, () => {
      expect(readPriceTable(file).size).to.be.above(0);
    });
  }

  for (const file of runnable) {
    it(`${name(file)} is a spec that can be run`, async () => {
      const { loadExperimentSpec } = await import("../framework/cli/loadExperimentSpec.ts");
      const { spec, experiment } = await loadExperimentSpec(file);
      expect(spec.experiment).to.equal(experiment.name);
    });
  }

  for (const part of parts) {
    it(`${name(part)} is extended by a spec that can be run`, () => {
      const users = runnable.filter((file) => readSpec(file).files.includes(part));
      expect(users).to.not.deep.equal([]);
    });
  }
});

describe("sweeps", () => {
  const { runnable } = yamlFiles("sweeps");

  for (const file of runnable) {
    it(`${name(file)} is a sweep whose trials can be run`, async () => {
      const { loadSweep } = await import("../framework/cli/sweeps/loadSweep.ts");
      const plan = await loadSweep(file, () => {}, { runsFolder: "runs" });
      expect(plan.first(2)).to.have.length(2);
    });
  }
});
