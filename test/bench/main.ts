/** @file `npm run bench`: our speed beside PyTorch's, measured in turns on the same cores. */
import { fork } from "node:child_process";
import { availableParallelism, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { workloads } from "./cases/index.ts";
import { isMeasurement, type Measurement, type MeasureRequest } from "./measurement.ts";
import { findPython } from "./peer.ts";
import { describeRow, tableOf, writeReport } from "./report.ts";
import type { Workload } from "./workload.ts";

/** Processes that want to run, on average over the last minute. */
const busyLoad = 0.7;

const usage = `Usage: npm run bench -- [options] [name ...]

Measures training steps against PyTorch; a ratio above 1 means that we are faster.

  name ...       measure these alone
  --all          also the heavy ones
  --ops          single operations instead; with --all, too
  --python PATH  a Python with torch (default: SEEDBED_BENCH_PYTHON, or python3 if it has torch)
  --threads N    threads of each side (default: the machine's cores)
  --pairs N      how often each side is measured
  --json         print rows as JSON instead of a table
  --write        measure everything and write docs/benchmarks.md
  --help`;

interface Options {
  names: string[];
  all: boolean;
  ops: boolean;
  json: boolean;
  write: boolean;
  threads: number;
  pairs: number | undefined;
  python: string | undefined;
}

function readOptions(): Options | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      all: { type: "boolean", default: false },
      ops: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      python: { type: "string" },
      threads: { type: "string" },
      pairs: { type: "string" },
    },
  });
  if (values.help) return undefined;
  return {
    ...values,
    names: positionals,
    python: values.python,
    threads: count("threads", values.threads) ?? availableParallelism(),
    pairs: count("pairs", values.pairs),
  };
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new RangeError(`Cannot read --${name}: expected an integer >= 1, got "${text}"`);
}

function select({ names, all, ops, write }: Options): readonly Workload[] {
  if (write) return workloads;
  if (names.length > 0) return names.map(findWorkload);
  const groups = new Set<Workload["group"]>();
  if (!ops || all) groups.add("step");
  if (all) groups.add("heavy");
  if (ops) groups.add("operation");
  return workloads.filter(({ group }) => groups.has(group));
}

function findWorkload(name: string): Workload {
  const found = workloads.find((each) => each.name === name);
  if (found) return found;
  const known = workloads.map((each) => each.name).join(", ");
  throw new RangeError(`Cannot measure "${name}": expected one of ${known}`);
}

/** Measures one workload in a process of its own. */
async function measureApart(request: MeasureRequest): Promise<Measurement> {
  const script = fileURLToPath(new URL("measure.ts", import.meta.url));
  const child = fork(script, [JSON.stringify(request)]);
  return await new Promise((resolve, reject) => {
    let result: Measurement | undefined;
    child.on("message", (message) => {
      if (isMeasurement(message)) result = message;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (result) resolve(result);
      else reject(new Error(`Cannot measure "${request.name}": its process ended with ${code}`));
    });
  });
}

/** Threads that wait for each other lose most when something else takes their cores. */
function warnIfBusy(): void {
  const [load = 0] = loadavg();
  if (load < busyLoad) return;
  console.error(
    `The machine is busy (load ${load.toFixed(1)}): ratios will be off; try --threads 1`,
  );
}

async function main(): Promise<void> {
  const options = readOptions();
  if (!options) return console.log(usage);
  const { threads, pairs, json, write } = options;
  const python = findPython(options.python);
  const comparedWith = python ? `PyTorch ${python.torch}` : undefined;
  console.error(
    comparedWith
      ? `Comparing with ${comparedWith}, ${threads} threads each`
      : "PyTorch is left out: python3 has no torch; give a Python by --python PATH or SEEDBED_BENCH_PYTHON",
  );
  warnIfBusy();
  const rows: Measurement[] = [];
  for (const { name } of select(options)) {
    const optional = { ...(python && { python: python.path }), ...(pairs && { pairs }) };
    const row = await measureApart({ name, threads, ...optional });
    console.error(describeRow(row));
    rows.push(row);
  }
  if (json) console.log(JSON.stringify(rows, null, 2));
  else console.log(tableOf(rows));
  if (write) writeReport(rows, { threads, comparedWith });
}

await main();
