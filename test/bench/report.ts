import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

import { passNames } from "../../framework/backend/passes.ts";
import { writeFileAtomic } from "../../framework/base/atomicFile.ts";
import { findWorkload } from "./cases/index.ts";
import { engineTable, type EngineReport } from "./engine/engineFigure.ts";
import type { Measurement } from "./measurement.ts";
import { tableOf } from "./measurementTable.ts";
import { passTable, type PassReport } from "./passes/passReport.ts";
import type { InstalledPeer } from "./peers/peerProcess.ts";

const page = fileURLToPath(new URL("../../docs/benchmarks.md", import.meta.url));

/** All that was measured, and what the numbers hold for. */
export interface Report {
  measurements: readonly Measurement[];
  engine: EngineReport;
  passes: readonly PassReport[];
  /** Of each side. */
  threads: number;
  peers: readonly Pick<InstalledPeer, "title">[];
}

/** Writes the page of benchmarks anew. */
export function writeReport(report: Report): void {
  writeFileAtomic(page, pageOf(report));
}

/** The page in Markdown. */
export function pageOf({ measurements, engine, passes, threads, peers }: Report): string {
  const gigabytes = (totalmem() / 2 ** 30).toFixed(0);
  const processor = cpus()[0]?.model.trim() ?? process.arch;
  const others = peers.map(({ title }) => title).join(", ") || "nobody to compare with";
  const tableFor = (group: string): string =>
    tableOf(measurements.filter(({ name }) => findWorkload(name).group === group));
  return `# Benchmarks

Written by \`npm run bench -- --write --python PATH\`, where PATH is a Python with torch.

Measured on ${processor}, ${availableParallelism()} cores, ${gigabytes} GiB of memory, ${process.platform}; Node ${process.versions.node}, onnxruntime-node ${versionOf("onnxruntime-node")}; ${others}; ${threads} threads each, but for wasm, which has one in Node.

All sides start from the same weights and the same batch, in processes of their own, and are measured in turns: ours, PyTorch's, the other backends' of TF.js, ours again, and so on, never at the same time; a workload that needs much memory, with one of the others after another. Times are medians. A ratio is the median of the other's time over ours, turn by turn: above 1 we are faster; beside PyTorch's are its first and third quartile. PyTorch runs as it comes: eager, NCHW, fused AdamW. The other backends of TF.js run the same TypeScript, our fused operations composed from TF.js's, each as it is called; where a step takes one more than 5 s it has two turns. "no" is before what a backend lacks for the work: the first kernel, or memory, of which WebAssembly has 4 GB. Peaks of memory are those of the whole process.

## Training steps

Forward, backward, clipping by the norm of all gradients, and AdamW. The losses of the first three steps are the same on all sides within 0.1 %.

${tableFor("training")}

## Sampling steps

Classifier-free guidance, both predictions in one batch of twice the size, and DDIM's update. The latents after four steps have the same mean square on all sides within 0.1 %.

${tableFor("sampling")}

## Single operations

Outputs are held by the framework at the end; gradients, too.

${tableFor("operation")}

## The engine and the Trainer

A step outside ONNX Runtime is all that JavaScript does for it, and the way to the worker thread and back.

${engineTable(engine)}

## Passes over the graph

Each left out alone: the time without it over the time with all, medians of turns; above 1 it pays.

${passTable(passes, passNames)}
`;
}

function versionOf(name: string): string {
  const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
  const manifest: unknown = JSON.parse(readFileSync(file, "utf8"));
  const hasVersion = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return hasVersion ? String(manifest.version) : "unknown";
}
