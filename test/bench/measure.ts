/** @file Measures one workload in this process, so that its peak of memory is its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { useBackend } from "../../framework/backend/register.ts";
import { workloads } from "./cases/index.ts";
import { compare } from "./compare.ts";
import { isMeasureRequest, type Measurement, type MeasureRequest } from "./measurement.ts";
import { Peer } from "./peer.ts";

async function measure({ name, threads, python, pairs }: MeasureRequest): Promise<Measurement> {
  const workload = workloads.find((each) => each.name === name);
  if (!workload) throw new RangeError(`Cannot measure: there is no workload "${name}"`);
  const folder = mkdtempSync(path.join(tmpdir(), "seedbed-bench-"));
  const peer = python === undefined ? undefined : await Peer.start(python, threads);
  try {
    const { compile } = await useBackend("ort", { threads });
    const prepared = workload.prepare({ compile, folder });
    await peer?.prepare(prepared.peer);
    const comparison = await compare(prepared, peer, pairs ?? workload.pairs);
    prepared.dispose();
    const peakMb = process.resourceUsage().maxRSS / 1000;
    return { name, ...comparison, peakMb, ...(peer && { peerPeakMb: await peer.peakMb() }) };
  } finally {
    peer?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const request: unknown = JSON.parse(process.argv[2] ?? "null");
if (!isMeasureRequest(request)) throw new TypeError("Cannot measure: expected a request as JSON");
process.send?.(await measure(request));
process.disconnect?.();
