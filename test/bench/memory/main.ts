/** @file `npm run memory`: the most memory that training and sampling steps take, beside PyTorch's. */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

import { isMeasurement, type MeasureRequest } from "../measurement.ts";
import { findPeers } from "../peers/findPeers.ts";
import { runApart } from "../runApart.ts";
import { faultsOf, leastSaving, mostRatio, peakOf, peakTable, type Peak } from "./peak.ts";

const measured = [
  "unet",
  "transformer",
  "autoencoder",
  "sampling",
  "unet-wide",
  "unet-checkpointed",
];

const usage = `Usage: npm run memory -- [options] [name ...]

Measures the peak memory of steps, each workload in a process of its own. Fails where it is more
than ${mostRatio} times PyTorch's, and where gradient checkpointing saves less than ${100 * leastSaving} %.

  name ...       measure these alone (default: ${measured.join(" ")})
  --python PATH  a Python with torch (default: SEEDBED_BENCH_PYTHON, or python3 if it has torch)
  --threads N    threads of each side (default: the machine's cores)
  --json         print rows as JSON instead of a table
  --help`;

async function main(): Promise<void> {
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
  const peers = await findPeers(["pytorch"], { python: values.python, threads });
  for (const { reason } of peers.missing) console.error(`PyTorch is left out: ${reason}`);
  const peaks: Peak[] = [];
  for (const name of positionals.length > 0 ? positionals : measured) {
    const request: MeasureRequest = { name, threads, peers: peers.installed, pairs: 1 };
    peaks.push(peakOf(await runApart("measure.ts", [JSON.stringify(request)], isMeasurement)));
  }
  console.log(values.json ? JSON.stringify(peaks, null, 2) : peakTable(peaks));
  const faults = faultsOf(peaks);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}

await main();
