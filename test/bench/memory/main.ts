/** @file `npm run memory`: the most memory that training and sampling steps take, beside PyTorch's. */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

import { isMeasurement, type MeasureRequest } from "../measurement.ts";
import { findPeers } from "../peers/findPeers.ts";
import { runApart } from "../runApart.ts";
import { endOnSignals } from "../scriptBundle.ts";
import { freezingFaults, freezingName, freezingTable, isFreezingPeak } from "./freezing.ts";
import { freezings } from "./freezingWork.ts";
import {
  isOffloadingPeak,
  offloadingFaults,
  offloadingName,
  offloadingTable,
} from "./offloading.ts";
import { placements, type OffloadingSize } from "./offloadingWork.ts";
import { faultsOf, leastSaving, mostRatio, peakOf, peakTable, type Peak } from "./peak.ts";

const measured = [
  "unet",
  "transformer",
  "autoencoder",
  "sampling",
  "unet-wide",
  "unet-checkpointed",
];

/** A measurement is given up when the machine has less. */
const leastFreeBytes = 1.5e9;

const usage = `Usage: npm run memory -- [options] [name ...]

Measures the peak memory of steps, each workload in a process of its own. Fails where it is more
than ${mostRatio} times PyTorch's, and where gradient checkpointing saves less than ${100 * leastSaving} %.

  name ...       measure these alone (default: ${measured.join(" ")});
                 ${freezingName}: a DreamBooth step with less and less that learns
                 ${offloadingName} [full]: a UNet's moments in memory and in files; full: of its whole
                 size, which takes 16 GB
  --python PATH  a Python with torch (default: SEEDBED_BENCH_PYTHON, or python3 if it has torch)
  --threads N    threads of each side (default: the machine's cores)
  --json         print rows as JSON instead of a table
  --help`;

async function main(): Promise<void> {
  endOnSignals();
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      python: { type: "string" },
      threads: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  const threads = Number(values.threads ?? availableParallelism());
  if (positionals.includes(freezingName)) return measureFreezings(threads, values.json);
  if (positionals.includes(offloadingName)) {
    return measureOffloading(positionals.includes("full") ? "full" : "half", threads, values.json);
  }
  const peers = await findPeers(["pytorch"], { python: values.python, threads });
  for (const { reason } of peers.missing) console.error(`PyTorch is left out: ${reason}`);
  const peaks: Peak[] = [];
  for (const name of positionals.length > 0 ? positionals : measured) {
    const request: MeasureRequest = { name, threads, peers: peers.installed, pairs: 1 };
    peaks.push(peakOf(await runApart("measure.ts", [JSON.stringify(request)], isMeasurement)));
  }
  report(peaks, { json: values.json, table: peakTable, faults: faultsOf });
}

/** Ours alone: the saving is between our own steps. */
async function measureFreezings(threads: number, json: boolean): Promise<void> {
  const peaks = [];
  for (const freezing of freezings) {
    const args = [freezing, String(threads)];
    peaks.push(await runApart("memory/measureFreezing.ts", args, isFreezingPeak));
  }
  report(peaks, { json, table: freezingTable, faults: freezingFaults });
}

/** Each place in a process of its own, one after the other. */
async function measureOffloading(
  size: OffloadingSize,
  threads: number,
  json: boolean,
): Promise<void> {
  const peaks = [];
  for (const placement of placements) {
    const args = [size, placement, String(threads)];
    const script = "memory/measureOffloading.ts";
    peaks.push(await runApart(script, args, isOffloadingPeak, leastFreeBytes));
  }
  report(peaks, { json, table: offloadingTable, faults: offloadingFaults });
}

interface ReportOptions<P> {
  json: boolean;
  table: (peaks: readonly P[]) => string;
  faults: (peaks: readonly P[]) => string[];
}

function report<P>(peaks: readonly P[], { json, table, faults }: ReportOptions<P>): void {
  console.log(json ? JSON.stringify(peaks, null, 2) : table(peaks));
  const found = faults(peaks);
  for (const fault of found) console.error(fault);
  if (found.length > 0) process.exitCode = 1;
}

await main();
