/** @file `npm run backends`: one spec, trained by the command on every backend, beside `cpu`. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { readMetrics, type MetricsRecord } from "../../framework/tracking/metricsFile.ts";
import { markdownTable } from "../bench/table.ts";
import { runCommand } from "../support/runCommand.ts";
import { comparedMetrics, largestDifferences, type Difference } from "./largestDifferences.ts";

const usage = `Usage: npm run backends -- [options] [name ...]

Trains test/fixtures/backends/denoising.yaml on each backend and compares ${comparedMetrics.join(", ")}
with those of cpu, at every step.

  name ...   some of ort, webgpu, tensorflow, which then must be there; by default all, and
             tensorflow only where it is installed: here, or in a folder that NODE_PATH names
  --help`;

/**
 * Of the values themselves: losses lie near 1, where an absolute tolerance would be the same, but
 * gradient norms of all sizes.
 */
const tolerance = 1e-4;
const names = ["ort", "webgpu", "tensorflow"] as const;
type Name = (typeof names)[number];

const fixture = path.resolve(import.meta.dirname, "../fixtures/backends");

interface Result {
  name: Name;
  outcome: "passed" | "failed" | "absent";
  differences?: readonly Difference[];
  /** Why it failed or was not compared. */
  reason?: string;
}

/** @returns the names and whether they were given, or undefined when the user wants the usage */
function readArguments(): { chosen: readonly Name[]; given: boolean } | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", default: false } },
  });
  if (values.help) return undefined;
  const unknown = positionals.find((name) => !names.some((known) => known === name));
  if (unknown !== undefined) {
    throw new RangeError(
      `Cannot compare backends: expected some of ${names.join(", ")}, got "${unknown}"`,
    );
  }
  const given = positionals.length > 0;
  return { chosen: given ? names.filter((name) => positionals.includes(name)) : names, given };
}

/** @returns the run's metrics, or why there are none */
async function train(name: Name | "cpu", folder: string): Promise<MetricsRecord[] | string> {
  const overrides = [`trainer.backend=${name}`, `name=${name}`];
  const args = ["run", "denoising.yaml", ...overrides, "--runs", folder];
  const { code, text } = await runCommand(args, fixture);
  const report = new RegExp(`^backend ${name}\\b.*`, "m").exec(text);
  if (code !== 0 || !report) return `it ended with ${code}: ${text.trim()}`;
  console.error(report[0]);
  const [id = ""] = readdirSync(path.join(folder, name));
  return readMetrics(path.join(folder, name, id));
}

function compare(
  name: Name,
  metrics: MetricsRecord[] | string,
  { expected, optional }: { expected: MetricsRecord[]; optional: boolean },
): Result {
  if (typeof metrics === "string") {
    const absent = optional && metrics.includes("it is not installed; run npm install");
    return { name, outcome: absent ? "absent" : "failed", reason: metrics };
  }
  const differences = largestDifferences(metrics, expected);
  const alike = differences.every(({ relative }) => relative <= tolerance);
  return { name, outcome: alike ? "passed" : "failed", differences };
}

/** All at the same time, for most of them use one core. */
async function compareAll(chosen: readonly Name[], given: boolean): Promise<Result[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "seedbed-backends-"));
  try {
    const others = chosen.map((name) => train(name, folder));
    const expected = await train("cpu", folder);
    if (typeof expected === "string") throw new Error(`Cannot train on cpu: ${expected}`);
    const found = await Promise.all(others);
    return chosen.map((name, i) => {
      const optional = name === "tensorflow" && !given;
      return compare(name, found[i]!, { expected, optional });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tableOf(results: readonly Result[]): string {
  return markdownTable(
    ["largest difference from cpu", ...comparedMetrics],
    results.flatMap(({ name, differences }) =>
      differences
        ? [[name, ...differences.map((of) => `${of.relative.toExponential(1)} (step ${of.step})`)]]
        : [],
    ),
  );
}

async function main(): Promise<void> {
  const options = readArguments();
  if (!options) return console.log(usage);
  const results = await compareAll(options.chosen, options.given);
  console.log(tableOf(results));
  for (const { name, outcome, reason } of results) {
    if (reason !== undefined) console.log(`${name} was not compared: ${reason}`);
    else if (outcome === "failed") console.log(`${name} differs by more than ${tolerance}`);
  }
  const count = (wanted: Result["outcome"]): number =>
    results.filter(({ outcome }) => outcome === wanted).length;
  console.log(`${count("passed")} passed, ${count("failed")} failed`);
  if (count("failed") > 0) process.exitCode = 1;
}

await main();
