/** @file Measures the engine's own figures in this process, where nothing was captured before. */
import { monitorEventLoopDelay } from "node:perf_hooks";

import { engineReport, useBackend } from "../../../framework/backend/register.ts";
import { Graph, programFor } from "../../../framework/graph/graph.ts";
import { GraphBuilder } from "../../../framework/onnx/lowering.ts";
import { encodeModel } from "../../../framework/onnx/modelProto.ts";
import {
  allocate,
  RuntimeValue,
  Session,
  type Binding,
} from "../../../framework/runtime/session.ts";
import { findWorkload } from "../cases/index.ts";
import { peakMb } from "../peakMb.ts";
import { median } from "../statistics.ts";
import type { EngineFigure, EngineReport } from "./engineFigure.ts";

/** A training step of about 3,000 kernels. */
const workload = "unet";
const defaultSteps = 21;
/** Runs of the graph with nothing to do. */
const emptyRuns = 500;

const targetCaptureMs = 5000;
const targetOverhead = 0.03;
const targetDelayMs = 20;

/** One replay. */
interface Replay {
  ms: number;
  /** Between the calls of ONNX Runtime and their answers. */
  insideMs: number;
  runs: number;
}

function kernelsRecorded(): number {
  return Object.values(engineReport().lowered).reduce((sum, count) => sum + count, 0);
}

async function replay(run: () => Promise<unknown>): Promise<Replay> {
  const before = engineReport().runs;
  const start = performance.now();
  await run();
  const ms = performance.now() - start;
  const { runs } = engineReport();
  return {
    ms,
    insideMs: runs.milliseconds - before.milliseconds,
    runs: runs.count - before.count,
  };
}

/** A graph that does next to nothing, ready to run. */
function emptyBinding(): Binding {
  const graph = new Graph();
  const shape = [1];
  const output = new GraphBuilder(graph).unary("Neg", graph.input("float32", shape));
  const { bytes, inputNames, outputNames } = encodeModel(programFor([output]));
  const value = (): RuntimeValue => new RuntimeValue(allocate("float32", 1), "float32", shape);
  return new Session(bytes, inputNames, outputNames).bind([value()], [value()]);
}

/** Median time of a run on this thread, and of what the way to a worker thread and back adds. */
async function emptyTimes(binding: Binding): Promise<{ runMs: number; wayMs: number }> {
  const here: number[] = [];
  const there: number[] = [];
  for (let i = 0; i < emptyRuns; i++) {
    const start = performance.now();
    binding.run();
    const middle = performance.now();
    await binding.runAsync();
    here.push(middle - start);
    there.push(performance.now() - middle);
  }
  return { runMs: median(here), wayMs: Math.max(0, median(there) - median(here)) };
}

async function measure(threads: number, steps = defaultSteps): Promise<EngineReport> {
  const { compile } = await useBackend("ort", { threads });
  const { run, dispose } = findWorkload(workload).prepare({ compile });
  const recorded = kernelsRecorded();
  const first = await replay(run);
  const kernels = kernelsRecorded() - recorded;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const replays: Replay[] = [];
  delay.enable();
  for (let i = 0; i < steps; i++) replays.push(await replay(run));
  delay.disable();
  const { runMs, wayMs } = await emptyTimes(emptyBinding());
  const overheads = replays.map(({ ms, insideMs, runs }) => ms - insideMs + runs * wayMs);
  dispose();
  const stepMs = median(replays.map(({ ms }) => ms));
  const figures: EngineFigure[] = [
    {
      name: "engine-capture",
      title: `capture of a step of ${kernels.toLocaleString("en")} kernels, its sessions included`,
      ms: first.ms - stepMs,
      target: targetCaptureMs,
    },
    {
      name: "engine-overhead",
      title: "replay of that step, outside ONNX Runtime",
      ms: median(overheads),
      share: median(overheads.map((ms, i) => ms / replays[i]!.ms)),
      target: targetOverhead,
    },
    {
      name: "engine-event-loop-delay",
      title: "longest delay of the event loop while the step runs",
      ms: delay.max / 1e6,
      target: targetDelayMs,
    },
    { name: "engine-empty-run", title: "run of a graph with nothing to do", ms: runMs },
  ];
  return { figures, peakMb: peakMb() };
}

const [threads, steps] = process.argv.slice(2).map(Number);
process.send?.(await measure(threads ?? 1, steps));
process.disconnect?.();
