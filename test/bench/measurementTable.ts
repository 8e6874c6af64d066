import { findWorkload } from "./cases/index.ts";
import type { PeerResult } from "./contender.ts";
import type { Measurement } from "./measurement.ts";
import { peerNames, peerTitles, type PeerName } from "./peers/peer.ts";
import { markdownTable } from "./table.ts";

/** Workloads as a Markdown table, with columns for the peers that any of them was compared with. */
export function tableOf(measurements: readonly Measurement[]): string {
  const peers = peerNames.filter((name) => measurements.some((each) => each.peers[name]));
  const header = [
    "work",
    "ours, ms",
    ...peers.flatMap((name) => [
      `${peerTitles[name]}, ms`,
      `ratio to ${peerTitles[name]}`,
      ...(name === "pytorch" ? ["quartiles"] : []),
    ]),
    "peak, MB",
    ...peers.map((name) => `${peerTitles[name]}'s`),
  ];
  return markdownTable(
    header,
    measurements.map((each) => cellsOf(each, peers)),
  );
}

function cellsOf({ name, ms, peakMb, peers }: Measurement, columns: readonly PeerName[]): string[] {
  return [
    findWorkload(name).title,
    duration(ms),
    ...columns.flatMap((peer) => {
      const result = peers[peer];
      const quartiles = peer === "pytorch" ? [quartilesOf(result)] : [];
      return [timeOf(result), ratioOf(result), ...quartiles];
    }),
    peakMb.toFixed(0),
    ...columns.map((peer) => memoryOf(peers[peer])),
  ];
}

/** The time, or in a few words why there is none. */
function timeOf(result: PeerResult | undefined): string {
  if (!result) return "";
  if ("ms" in result) return duration(result.ms);
  return result.lacks === undefined ? "failed" : `no ${result.lacks}`;
}

function ratioOf(result: PeerResult | undefined): string {
  return result && "ratio" in result ? result.ratio.toFixed(2) : "";
}

function quartilesOf(result: PeerResult | undefined): string {
  if (!result || !("quartiles" in result)) return "";
  return result.quartiles.map((ratio) => ratio.toFixed(2)).join("-");
}

function memoryOf(result: PeerResult | undefined): string {
  return result && "peakMb" in result ? result.peakMb.toFixed(0) : "";
}

/** One line as soon as a workload is done. */
export function describeMeasurement({ name, ms, losses, peers }: Measurement): string {
  const compared = peerNames.map((peer) => describeResult(peer, peers[peer]));
  const loss =
    losses.length > 0 ? `, first losses ${losses.map((l) => l.toFixed(5)).join(" ")}` : "";
  return `${name}: ${duration(ms)} ms${compared.join("")}${loss}`;
}

function describeResult(name: PeerName, result: PeerResult | undefined): string {
  if (!result) return "";
  const title = peerTitles[name];
  if ("ratio" in result) return `, ${result.ratio.toFixed(2)} of ${title}'s speed`;
  if (result.lacks === undefined) return `, ${title} failed: ${result.reason}`;
  return `, ${title} has no ${result.lacks}`;
}

/** Three digits or all whole ones. */
export function duration(ms: number): string {
  return ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2);
}
