import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { textTable } from "../../../framework/base/textTable.ts";
import { generateRuns } from "./generateRuns.ts";
import type { Measured } from "./measureStore.ts";

/**
 * What it costs to know many runs: `npm run bench:store -- --runs 10000 --records 100`. Each line is
 * a process of its own; processor time is what counts on a machine that others use, too.
 */
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "10000" },
    records: { type: "string", default: "100" },
    curves: { type: "string", default: "50" },
    points: { type: "string", default: "100000" },
  },
});

const root = mkdtempSync(path.join(tmpdir(), "seedbed-store-"));
try {
  const many = path.join(root, "many");
  const long = path.join(root, "long");
  generateRuns({ folder: many, runs: Number(values.runs), records: Number(values.records) });
  generateRuns({
    folder: long,
    runs: Number(values.curves),
    records: Number(values.points),
    metrics: 1,
  });
  const rows = [
    ...measure("index", many, `${values.runs} runs, the first time`),
    ...measure("index", many, `${values.runs} runs, known`),
    ...measure("table", many, `${values.runs} runs`),
    ...measure("index", long, `${values.curves} runs of ${values.points} points, the first time`),
    ...measure("chart", long, `${values.curves} runs of ${values.points} points`),
  ];
  const head = ["", "", "wall ms", "processor ms", "memory MB"];
  for (const line of textTable([head, ...rows], [2, 3, 4])) console.log(line);
} finally {
  rmSync(root, { recursive: true });
}

function measure(what: string, folder: string, of: string): string[][] {
  const script = path.join(import.meta.dirname, "measureStore.ts");
  const child = spawnSync(process.execPath, ["--import", "tsx", script, what, folder], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const measured: Measured[] = JSON.parse(child.stdout);
  return measured.map(({ name, wallMs, cpuMs, memoryMb }) => [
    name,
    of,
    ...[wallMs, cpuMs, memoryMb].map((value) => value.toFixed(value < 10 ? 1 : 0)),
  ]);
}
