/**
 * @file `npm run test:fuzz [-- --inputs N --seconds S --seed K --target NAME --input FILE]`: feeds each
 * parser with inputs made of good ones, and looks for crashes, hangs, memory, foreign prototypes, and
 * errors that are none of ours. What fails is written to a file, which `--input` reads again.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

import { textTable } from "../../framework/base/textTable.ts";
import type { FuzzFailure, TargetResult } from "./messages.ts";
import { runTargets } from "./runTargets.ts";

const folder = import.meta.dirname;
const failedFolder = path.resolve(folder, "../../runs/fuzz");

const { values } = parseArgs({
  options: {
    inputs: { type: "string", default: "1500" },
    seconds: { type: "string", default: "28" },
    seed: { type: "string", default: "1" },
    target: { type: "string", multiple: true },
    input: { type: "string" },
  },
});

const known = readdirSync(path.join(folder, "targets")).map((file) => path.parse(file).name);
const targets = values.target ?? known;
const strange = targets.find((name) => !known.includes(name));
if (strange !== undefined) {
  throw new Error(`Cannot fuzz ${strange}: expected one of ${known.join(", ")}`);
}

/** @returns the file's path, relative to the working folder */
function keep(target: string, { input }: FuzzFailure): string {
  mkdirSync(failedFolder, { recursive: true });
  const hash = createHash("sha256").update(input).digest("hex").slice(0, 12);
  const file = path.join(failedFolder, `${target}-${hash}.bin`);
  writeFileSync(file, input);
  return path.relative("", file);
}

const rows: string[][] = [];
let passed = 0;

function report(result: TargetResult, failures: readonly FuzzFailure[]): void {
  const { target, inputs, kept, covered, slowestMs, seconds } = result;
  for (const failure of failures) {
    const file = keep(target, failure);
    console.log(`\n${target} fails: ${failure.signature}\n${failure.detail}`);
    console.log(`input (base64): ${Buffer.from(failure.input).toString("base64").slice(0, 2000)}`);
    console.log(`again: npm run test:fuzz -- --target ${target} --inputs 0 --input ${file}\n`);
  }
  if (failures.length === 0) passed++;
  console.log(`${target}: ${inputs} inputs, ${failures.length} failures`);
  const numbers = [inputs, kept, covered, Math.round(slowestMs)].map(String);
  rows.push([target, ...numbers, seconds.toFixed(1), String(failures.length)]);
}

const { seed, inputs, seconds, input } = values;
await runTargets({
  ...{ targets, input, seed: Number(seed), inputs: Number(inputs), seconds: Number(seconds) },
  ended: report,
});
const head = ["target", "inputs", "kept", "characters run", "slowest ms", "seconds", "failures"];
console.log(textTable([head, ...rows], [1, 2, 3, 4, 5, 6]).join("\n"));
const total = rows.reduce((sum, row) => sum + Number(row[1]), 0);
console.log(`${total} inputs, seed ${seed}`);
console.log(`${passed} passed, ${targets.length - passed} failed`);
process.exitCode = passed === targets.length ? 0 : 1;
