/**
 * @file `npm run bench:scaling`: two workers beside one process with as many threads, and a model of
 * many workers on slower networks. Writes the tables and the plot of docs/scaling.md.
 */
import path from "node:path";
import { parseArgs } from "node:util";

import { writeFileAtomic } from "../../../framework/base/atomicFile.ts";
import { lineChartSvg } from "../../../framework/report/lineChartSvg.ts";
import { markdownTable } from "../table.ts";
import { efficiency, usefulWorkers, type Network, type ScaledStep } from "./costModel.ts";
import { measureArrangements, type MeasuredArrangement } from "./measureScaling.ts";

const leastRatio = 0.9;
const usage = `Usage: npm run bench:scaling -- [options]

Trains the bundled model on a global batch of 16 with one process of two threads, with two workers of
one thread each under mpirun, with and without strategy.shardOptimizer, and one worker on its half of the batch; then computes how far more
workers would get. Fails where these workers, with it, reach less than ${leastRatio} times the one process.

  --rounds N  each arrangement so often, in turns (default: 3)
  --steps N   measured in each (default: 20)
  --write     write docs/images/scaling.svg
  --help`;

const globalBatch = 16;
const counts = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

const networks: readonly Network[] = [
  { name: "1 Gbit/s, 100 µs", latencyMs: 0.1, bytesPerSecond: 0.125e9 },
  { name: "10 Gbit/s, 30 µs", latencyMs: 0.03, bytesPerSecond: 1.25e9 },
  { name: "100 Gbit/s, 2 µs", latencyMs: 0.002, bytesPerSecond: 12.5e9 },
];

/** Stable Diffusion 1.5's UNet with DreamBooth's batch of two: docs/stable-diffusion-size.md. */
const stableDiffusion: readonly ScaledStep[] = [
  { name: "SD 1.5, 98 s a step (one core)", parameters: 859_520_964, computeMs: 98_000 },
  { name: "SD 1.5, 0.5 s a step (a device)", parameters: 859_520_964, computeMs: 500 },
];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "3" },
      steps: { type: "string", default: "20" },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  const measured = await measureArrangements(
    [
      { name: "one process", workers: 1, threads: 2, batchSize: globalBatch, shards: false },
      { name: "two workers", workers: 2, threads: 1, batchSize: globalBatch / 2, shards: false },
      {
        name: "the same, ZeRO-1",
        workers: 2,
        threads: 1,
        batchSize: globalBatch / 2,
        shards: true,
      },
      { name: "one worker", workers: 1, threads: 1, batchSize: globalBatch / 2, shards: false },
    ],
    { rounds: Number(values.rounds), steps: Number(values.steps) },
  );
  console.log(measuredTable(measured));
  const [process1, plain2, workers2, worker1] = measured;
  const ratio = workers2!.examplesPerSecond / process1!.examplesPerSecond;
  const plainRatio = plain2!.examplesPerSecond / process1!.examplesPerSecond;
  const scaling = workers2!.examplesPerSecond / (2 * worker1!.examplesPerSecond);
  console.log(`\ntwo workers : one process with two threads ${plainRatio.toFixed(2)}`);
  console.log(`the same with strategy.shardOptimizer ${ratio.toFixed(2)}`);
  console.log(`efficiency of two workers ${scaling.toFixed(2)}, of one 1.00\n`);
  const computeMs = worker1!.processorMs; // of one thread: the time, but for what others do meanwhile
  const bundled = {
    name: `bundled model, ${(computeMs / 1000).toFixed(2)} s a step`,
    parameters: worker1!.parameters,
    computeMs,
  };
  const steps = [bundled, ...stableDiffusion];
  console.log(simulatedTable(steps));
  if (values.write) writePlot(steps);
  if (ratio >= leastRatio) return;
  console.error(`Two workers reach less than ${leastRatio} times one process`);
  process.exitCode = 1;
}

function measuredTable(measured: readonly MeasuredArrangement[]): string {
  return markdownTable(
    [
      "",
      "workers",
      "threads of each",
      "batch of each",
      "step, ms",
      "processor, ms",
      "examples/s",
      "peak, MB",
    ],
    measured.map(
      ({ name, workers, threads, batchSize, stepMs, processorMs, examplesPerSecond, peakMb }) => [
        name,
        String(workers),
        String(threads),
        String(batchSize),
        stepMs.toFixed(0),
        processorMs.toFixed(0),
        examplesPerSecond.toFixed(1),
        peakMb.toFixed(0),
      ],
    ),
  );
}

function simulatedTable(steps: readonly ScaledStep[]): string {
  const shown = [2, 8, 64, 256, 1024];
  return markdownTable(
    ["step", "network", ...shown.map((count) => `${count}`), "half at"],
    steps.flatMap((step) =>
      networks.map((network) => [
        step.name,
        network.name,
        ...shown.map((count) => `${(100 * efficiency(step, count, network)).toFixed(0)} %`),
        describeUseful(usefulWorkers(step, network, counts)),
      ]),
    ),
  );
}

function describeUseful(workers: number | undefined): string {
  if (workers === undefined || workers === 1) return "1";
  return workers === counts.at(-1) ? `> ${workers}` : String(workers);
}

function writePlot(steps: readonly ScaledStep[]): void {
  const svg = lineChartSvg({
    kind: "lines",
    name: "scaling",
    x: "workers",
    y: "efficiency",
    xIsLog: true,
    lines: steps.flatMap((step) =>
      networksOf(step).map((network) => ({
        label: `${step.name}; ${network.name}`,
        x: counts,
        y: counts.map((count) => efficiency(step, count, network)),
      })),
    ),
  });
  const file = path.resolve(import.meta.dirname, "../../../docs/images/scaling.svg");
  writeFileAtomic(file, `${svg}\n`);
}

/** Where computing takes minutes, all networks are alike: the slowest says so. */
const networksOf = ({ computeMs }: ScaledStep): readonly Network[] =>
  computeMs > 60_000 ? networks.slice(0, 1) : networks;

await main();
