/** @file Measures one workload in this process, so that its peak of memory is its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { useBackend } from "../../framework/backend/register.ts";
import { findWorkload } from "./cases/index.ts";
import { compare, type Comparison } from "./compare.ts";
import { failureOf } from "./contender.ts";
import { isMeasureRequest, type Measurement, type MeasureRequest } from "./measurement.ts";
import { peakMb } from "./peakMb.ts";
import type { PeerWork } from "./peers/peer.ts";
import { PeerProcess, type InstalledPeer } from "./peers/peerProcess.ts";
import type { PreparedWorkload } from "./workload.ts";

async function measure(request: MeasureRequest): Promise<Measurement> {
  const { name, threads, pairs } = request;
  const workload = findWorkload(name);
  const { compile } = await useBackend("ort", { threads });
  const prepared = workload.prepare({ compile });
  const { ready, failed } = await startPeers(request, prepared);
  try {
    const comparison = await compare(prepared, ready, {
      warmUps: workload.warmUps,
      pairs: pairs ?? workload.pairs,
    });
    prepared.dispose();
    return {
      name,
      ...comparison,
      peers: { ...failed, ...comparison.peers },
      peakMb: peakMb(),
    };
  } finally {
    for (const peer of ready) peer.stop();
  }
}

/** The peers with their work, and those that could not take it. */
async function startPeers(
  { name, threads, peers }: MeasureRequest,
  prepared: PreparedWorkload,
): Promise<{ ready: PeerProcess[]; failed: Comparison["peers"] }> {
  const ready: PeerProcess[] = [];
  const failed: Comparison["peers"] = {};
  const folder = mkdtempSync(path.join(tmpdir(), "seedbed-bench-"));
  try {
    for (const installed of peers) {
      const { peer } = await PeerProcess.start(installed, threads);
      try {
        await peer.prepare(workFor(installed, name, prepared, folder));
        ready.push(peer);
      } catch (error) {
        peer.stop();
        failed[installed.name] = failureOf(error);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { ready, failed };
}

function workFor(
  { name: peer }: InstalledPeer,
  workload: string,
  { handOver }: PreparedWorkload,
  folder: string,
): PeerWork {
  if (peer !== "pytorch") return { command: "prepare", workload };
  if (handOver) return handOver(folder);
  throw new Error(`Cannot compare: PyTorch's side of "${workload}" does not exist`);
}

const request: unknown = JSON.parse(process.argv[2] ?? "null");
if (!isMeasureRequest(request)) throw new TypeError("Cannot measure: expected a request as JSON");
process.send?.(await measure(request));
process.disconnect?.();
