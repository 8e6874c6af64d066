import { readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { intervalSchema } from "../../../framework/base/interval.ts";
import { packageFolder } from "../../../framework/cli/places.ts";
import { specReference } from "../../../framework/cli/specReference.ts";

describe("specReference()", () => {
  it("writes a line for every key, with what it takes, its default and its meaning", () => {
    const text = specReference({
      common: {
        seed: { type: "integer", minimum: 0, default: 7, description: "Of the run, < 2^32." },
        loggers: {
          anyOf: [
            { type: "boolean" },
            { type: "object", properties: { project: { type: "string" } }, required: ["project"] },
          ],
        },
      },
      optimizers: {},
      lrSchedules: { constant: { properties: {} } },
      callbacks: {
        stop: {
          properties: { at: { enum: ["a_b", "c"] }, every: intervalSchema(["steps", "seconds"]) },
        },
      },
      experiments: { toy: { data: { type: "object", properties: { size: { type: "number" } } } } },
      pruners: { median: { properties: { warmup: { type: "integer", default: 0 } } } },
      launchers: {
        far: {
          properties: { host: { type: "string", description: "Where." } },
          required: ["host"],
        },
      },
      sweep: { runCap: { type: "integer" } },
      parameters: { "`bell`": { properties: { mu: { type: "number", default: 0 } } } },
    });
    for (const line of [
      "- `seed` (an integer >= 0, default `7`): Of the run, \\< 2^32.",
      "- `loggers` (true or false or a mapping)",
      "- `loggers.project` (text, required)",
      '- `at` ("a\\_b" or "c")',
      '- `every` (text such as "100 steps" or "30 min")',
      "### `experiment: toy`",
      "- `data.size` (a number)",
      "- `runCap` (an integer)",
      "#### `median`",
      "- `warmup` (an integer, default `0`)",
      "#### `far`",
      "- `host` (text, required): Where.",
      "#### `bell`",
      "- `mu` (a number, default `0`)",
      "No options.",
    ]) {
      expect(text.split("\n")).to.include(line);
    }
  });
});

describe("docs/specs.md", () => {
  it("is what `npm run docs:specs` writes", async () => {
    const { specVocabulary } = await import("../../../framework/cli/specVocabulary.ts");
    const current = readFileSync(path.join(packageFolder, "docs", "specs.md"), "utf8");
    expect(current).to.equal(specReference(await specVocabulary()));
  });
});
