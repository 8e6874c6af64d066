/** @file `npm run bench`: our speed beside that of others, measured in turns on the same cores. */
import { loadavg } from "node:os";

import { passNames } from "../../framework/backend/passes.ts";
import {
  cachingRows,
  cachingTable,
  isCachingReport,
  type CachingReport,
} from "./caching/cachingReport.ts";
import {
  engineRows,
  engineTable,
  isEngineReport,
  type EngineReport,
} from "./engine/engineFigure.ts";
import {
  isMeasurement,
  mergeMeasurements,
  type Measurement,
  type MeasureRequest,
} from "./measurement.ts";
import { describeMeasurement, tableOf } from "./measurementTable.ts";
import { estimateMemory, lackOfMemory } from "./memoryEstimate.ts";
import { readOptions, usage, type Options } from "./options.ts";
import { isPassReport, passRows, passTable, type PassReport } from "./passes/passReport.ts";
import { findPeers } from "./peers/findPeers.ts";
import { peerTitles } from "./peers/peer.ts";
import type { InstalledPeer } from "./peers/peerProcess.ts";
import { writeReport } from "./report.ts";
import { rowOf } from "./row.ts";
import { MemoryShortageError, runApart } from "./runApart.ts";
import { endOnSignals } from "./scriptBundle.ts";
import { measureServing } from "./serve/measureServing.ts";
import { fullSize } from "./workload.ts";

/** Processes that want to run, on average over the last minute. */
const busyLoad = 0.7;

/** Says with whom we are compared, and with whom not. */
async function choosePeers({ peers, python, threads }: Options): Promise<InstalledPeer[]> {
  const { installed, missing } = await findPeers(peers, { python, threads });
  for (const { name, reason } of missing) {
    console.error(`${peerTitles[name]} is left out: ${reason}`);
  }
  if (installed.length > 0) {
    const titles = installed.map(({ title }) => title).join(", ");
    console.error(`Comparing with ${titles}, ${threads} threads each`);
  }
  return installed;
}

/** Threads that wait for each other lose most when something else takes their cores. */
function warnIfBusy(): void {
  const [load = 0] = loadavg();
  if (load < busyLoad) return;
  console.error(
    `The machine is busy (load ${load.toFixed(1)}): ratios will be off; try --threads 1`,
  );
}

async function measureAll(
  { workloads, threads, pairs }: Options,
  peers: readonly InstalledPeer[],
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const workload of workloads) {
    const request = { name: workload.name, threads, ...(pairs && { pairs }) };
    const found =
      workload.group === fullSize
        ? await measureIfItFits({ ...request, peers: [] })
        : await measureBeside(workload.heavy ? oneByOne(peers) : [peers], request);
    if (!found) continue;
    console.error(describeMeasurement(found));
    measurements.push(found);
  }
  return measurements;
}

/** @param groups of peers, whose turns are each a process of ours */
async function measureBeside(
  groups: readonly (readonly InstalledPeer[])[],
  request: Omit<MeasureRequest, "peers">,
): Promise<Measurement> {
  const parts: Measurement[] = [];
  for (const peers of groups) {
    const asked: MeasureRequest = { ...request, peers };
    parts.push(await runApart("measure.ts", [JSON.stringify(asked)], isMeasurement));
  }
  return mergeMeasurements(parts);
}

/** Memory that is left to all others, whatever was estimated. */
const leastFreeBytes = 1e9;

/** Undefined, and a line that says why, where there is too little memory. */
async function measureIfItFits(request: MeasureRequest): Promise<Measurement | undefined> {
  if (!(await hasMemoryFor(request.name))) return undefined;
  try {
    return await runApart("measure.ts", [JSON.stringify(request)], isMeasurement, leastFreeBytes);
  } catch (error) {
    if (!(error instanceof MemoryShortageError)) throw error;
    console.error(`${request.name} was ended: it took more memory than there was`);
    return undefined;
  }
}

/** Says why not: the system would end a process that takes more than there is. */
async function hasMemoryFor(name: string): Promise<boolean> {
  const estimate = await estimateMemory(name);
  const lack = lackOfMemory(estimate, (process.availableMemory() - leastFreeBytes) / 1e6);
  console.error(lack ?? `${name}: about ${estimate.neededMb.toFixed(0)} MB are needed`);
  return lack === undefined;
}

/** All at once would need too much memory for a heavy workload. */
function oneByOne(peers: readonly InstalledPeer[]): readonly (readonly InstalledPeer[])[] {
  return peers.length > 1 ? peers.map((peer) => [peer]) : [peers];
}

/** Whether all were compared that could be: what a backend lacks is not our mistake. */
function isComplete({ peers }: Measurement): boolean {
  return Object.values(peers).every((result) => !("reason" in result) || result.lacks);
}

/** What nobody is compared in: the engine's own figures, and the Trainer's. */
async function measureOurs(threads: number, steps?: number): Promise<EngineReport> {
  const settings = [threads, ...(steps ? [steps] : [])].map(String);
  const reports = [
    await runApart("engine/measureEngine.ts", settings, isEngineReport),
    await runApart("trainer/measureTrainer.ts", [], isEngineReport),
    await runApart("trainer/measureLogging.ts", [], isEngineReport),
    await runApart("trainer/measureLoading.ts", [String(threads)], isEngineReport),
  ];
  return {
    figures: reports.flatMap(({ figures }) => figures),
    peakMb: Math.max(...reports.map(({ peakMb }) => peakMb)),
  };
}

/** Workloads that passes are measured on. */
const passWorkloads = ["unet", "transformer", "autoencoder"];
/** How often each variant is measured, unless said otherwise. */
const passRounds = 9;

/** What a step takes without each pass over its graph. */
async function measurePasses(threads: number, rounds = passRounds): Promise<PassReport[]> {
  const reports: PassReport[] = [];
  for (const workload of passWorkloads) {
    const settings = [workload, String(threads), String(rounds)];
    reports.push(await runApart("passes/measurePasses.ts", settings, isPassReport));
  }
  return reports;
}

/** How often each way is measured, unless said otherwise. */
const cachingPairs = 15;

/** What cached latents are worth. */
function measureCaching(threads: number, pairs = cachingPairs): Promise<CachingReport> {
  const settings = [String(threads), String(pairs)];
  return runApart("caching/measureCaching.ts", settings, isCachingReport);
}

/** What the user asks for; ends the program where that cannot be. */
function asked(): Options | undefined {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}

async function main(): Promise<void> {
  const [first, ...rest] = process.argv.slice(2);
  if (first === "serve") return measureServing(rest);
  endOnSignals();
  const options = asked();
  if (!options) return console.log(usage);
  const { threads, pairs, json, write } = options;
  const compares = options.workloads.some(({ group }) => group !== fullSize);
  const peers = compares ? await choosePeers(options) : [];
  warnIfBusy();
  const measurements = await measureAll(options, peers);
  const engine = options.engine ? await measureOurs(threads, pairs) : undefined;
  const caching = options.caching ? await measureCaching(threads, pairs) : undefined;
  const passes = options.passes ? await measurePasses(threads, pairs) : [];
  if (json) {
    const ours = [
      ...(engine ? engineRows(engine) : []),
      ...(caching ? cachingRows(caching) : []),
      ...passRows(passes),
    ];
    const rows = [...measurements.map(rowOf), ...ours];
    console.log(JSON.stringify(rows, null, 2));
  } else {
    if (measurements.length > 0) console.log(tableOf(measurements));
    if (engine) console.log(engineTable(engine));
    if (caching) console.log(cachingTable(caching));
    if (passes.length > 0) console.log(passTable(passes, passNames));
  }
  if (write && engine) writeReport({ measurements, engine, passes, threads, peers });
  if (!measurements.every(isComplete)) process.exitCode = 1;
}

await main();
