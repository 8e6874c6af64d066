import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

import { writeFileAtomic } from "../../framework/base/atomicFile.ts";
import { workloads } from "./cases/index.ts";
import type { Measurement } from "./measurement.ts";

const page = fileURLToPath(new URL("../../docs/benchmarks.md", import.meta.url));

/** What the numbers hold for. */
export interface Circumstances {
  /** Of each side. */
  threads: number;
  /** Name and version of the other side, if there was one. */
  comparedWith: string | undefined;
}

/** One line as soon as a row is there. */
export function describeRow({ name, ms, ratioToPyTorch, losses }: Measurement): string {
  const ratio =
    ratioToPyTorch === undefined ? "" : `, ${ratioToPyTorch.toFixed(2)} of PyTorch's speed`;
  const loss =
    losses.length > 0 ? `, first losses ${losses.map((l) => l.toFixed(5)).join(" ")}` : "";
  return `${name}: ${duration(ms)} ms${ratio}${loss}`;
}

/** A Markdown table, aligned, so that it reads well on a terminal too. */
export function tableOf(rows: readonly Measurement[]): string {
  const header = ["work", "ours, ms", "PyTorch, ms", "ratio", "quartiles", "peak, MB", "PyTorch's"];
  const cells = [header, ...rows.map(cellsOf)];
  const widths = header.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(" | ")} |`;
  const rule = widths.map((width, i) =>
    i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(header), line(rule), ...cells.slice(1).map(line)].join("\n");
}

function cellsOf(row: Measurement): string[] {
  const { ms, peerMs, ratioToPyTorch, ratioSpread, peakMb, peerPeakMb } = row;
  return [
    titleOf(row.name),
    duration(ms),
    peerMs === undefined ? "" : duration(peerMs),
    ratioToPyTorch?.toFixed(2) ?? "",
    ratioSpread?.map((ratio) => ratio.toFixed(2)).join("-") ?? "",
    peakMb.toFixed(0),
    peerPeakMb?.toFixed(0) ?? "",
  ];
}

function titleOf(name: string): string {
  return workloads.find((each) => each.name === name)?.title ?? name;
}

/** Three digits or all whole ones. */
function duration(ms: number): string {
  return ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2);
}

/** Writes the page of benchmarks anew. */
export function writeReport(rows: readonly Measurement[], circumstances: Circumstances): void {
  const groupOf = (name: string): string | undefined =>
    workloads.find((each) => each.name === name)?.group;
  const operations = rows.filter(({ name }) => groupOf(name) === "operation");
  const steps = rows.filter(({ name }) => groupOf(name) !== "operation");
  writeFileAtomic(page, pageOf(tableOf(steps), tableOf(operations), circumstances));
}

function pageOf(
  steps: string,
  operations: string,
  { threads, comparedWith }: Circumstances,
): string {
  const gigabytes = (totalmem() / 2 ** 30).toFixed(0);
  const processor = cpus()[0]?.model.trim() ?? process.arch;
  const peer = comparedWith ?? "no PyTorch";
  return `# Benchmarks

Written by \`npm run bench -- --write --python PATH\`, where PATH is a Python with torch.

Measured on ${processor}, ${availableParallelism()} cores, ${gigabytes} GiB of memory, ${process.platform}; Node ${process.versions.node}, onnxruntime-node ${versionOf("onnxruntime-node")}; ${peer}; ${threads} threads each.

Both sides start from the same weights and the same batch, in processes of their own, and are measured in turns: ours, PyTorch's, ours, and so on, never at the same time. Times are medians. The ratio is the median of PyTorch's time over ours, pair by pair: above 1 we are faster; beside it are its first and third quartile. PyTorch runs as it comes: eager, NCHW, fused AdamW. Peaks of memory are those of the whole process.

## Training steps

Forward, backward, clipping by the norm of all gradients, and AdamW. The losses of the first three steps are the same on both sides within 0.1 %.

${steps}

## Single operations

Outputs are in host memory at the end; of a gradient, too.

${operations}
`;
}

function versionOf(name: string): string {
  const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
  const manifest: unknown = JSON.parse(readFileSync(file, "utf8"));
  const hasVersion = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return hasVersion ? String(manifest.version) : "unknown";
}
