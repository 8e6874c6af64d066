/**
 * @file `npm run bench:dashboard`: the dashboard's server against the numbers that it has to keep; with
 * `-- tables` or `-- curves` one half of them.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { textTable } from "../../../framework/base/textTable.ts";
import { lockRun } from "../../../framework/tracking/runLock.ts";
import { manifestPath } from "../../../framework/tracking/runManifest.ts";
import { generateRuns } from "../../browser/support/generateRuns.ts";
import { startServer, type BenchServer } from "../benchServer.ts";
import { listen, medianLatency } from "./latency.ts";

const rows: string[][] = [["measured", "waited", "processor", "wanted"]];

/**
 * Notes what some work took: by the clock, and of the server's processor time, which says more where
 * others are busy as well.
 */
async function measure(
  what: string,
  { server, wanted = "" }: { server: BenchServer; wanted?: string },
  work: () => Promise<unknown>,
): Promise<void> {
  const [start, spent] = [performance.now(), server.processorMs()];
  await work();
  const waited = performance.now() - start;
  rows.push([what, `${Math.round(waited)} ms`, `${server.processorMs() - spent} ms`, wanted]);
}

async function measureStart(what: string, folder: string, wanted = ""): Promise<BenchServer> {
  const server = await startServer(["ui", "--runs", folder]);
  rows.push([what, `${Math.round(server.startMs)} ms`, `${server.processorMs()} ms`, wanted]);
  return server;
}

function noteMemory(what: string, server: BenchServer): void {
  rows.push([what, "", `${Math.round(server.peakMb())} MB`, "<= 300 MB"]);
}

const table = {
  filter: "",
  columns: ["name", "status", "startedAt", "config.optimizer.learningRate", "metrics.val/loss"],
  sort: [{ column: "metrics.val/loss", descending: false }],
  groupBy: [] as string[],
  archived: false,
  offset: 0,
  limit: 100,
};

/** Page, script and first rows, one after another as a browser would ask for them. */
async function firstAnswer(server: BenchServer): Promise<void> {
  const { address } = server;
  const html = await (await fetch(`${address}/`)).text();
  const [, script = ""] = /src="([^"]+)"/.exec(html) ?? [];
  await (await fetch(address + script)).arrayBuffer();
  await Promise.all([server.ask("/api/info"), server.ask("/api/columns")]);
  await server.ask("/api/table", table);
}

async function measureTable(folder: string, count: number, wantedMs: number): Promise<void> {
  await generateRuns({ folder, count, points: 20, extraMetrics: 10 });
  const wanted = count > 1000 ? "<= 20000 ms" : "";
  const unlock = keepRunning(path.join(folder, "tuning", "r0000000"));
  await (await measureStart(`${count} runs: start without an index`, folder, wanted)).stop();
  const server = await measureStart(`${count} runs: start with its index`, folder);
  const first = { server, wanted: `<= ${wantedMs} ms` };
  await measure(`${count} runs: page and first rows`, first, () => firstAnswer(server));
  const grouped = { ...table, groupBy: ["config.optimizer.name", "config.model.width"] };
  await measure(`${count} runs: rows in groups`, { server }, () =>
    server.ask("/api/table", grouped),
  );
  const latency = await medianLatency(server.address, path.join(folder, "tuning", "r0000000"));
  rows.push([`${count} runs: a write to its event`, `${Math.round(latency)} ms`, "", "<= 1000 ms"]);
  await measure(`${count} runs: ten quiet seconds`, { server }, () => listen(server.address, 10));
  noteMemory(`${count} runs: most memory`, server);
  await server.stop();
  unlock();
}

/** Makes a run one that this process is at work on. @returns ends it */
function keepRunning(folder: string): () => void {
  const file = manifestPath(folder);
  const manifest: object = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...manifest, status: "running" }));
  return lockRun(folder, file);
}

async function measureSeries(folder: string): Promise<void> {
  const count = 50;
  await generateRuns({ folder, count, points: 100_000 });
  const keys = Array.from({ length: count }, (_, i) => `r${i.toString(36).padStart(7, "0")}`);
  const query = {
    runs: keys.map((key) => ({ label: key, keys: [key] })),
    metrics: ["train/loss"],
    x: "step",
    from: null,
    to: null,
    points: 1000,
    band: "none",
    smoothing: { kind: "none", weight: 0 },
  };
  const what = `${count} x 100,000 points:`;
  const wanted = "<= 300 ms";
  const ask = (how: string, server: BenchServer, change: object, limit = ""): Promise<void> =>
    measure(`${what} ${how}`, { server, wanted: limit }, () =>
      server.ask("/api/series", { ...query, ...change }),
    );
  const first = await startServer(["ui", "--runs", folder]);
  await ask("the first time ever", first, {});
  await first.stop();
  const server = await startServer(["ui", "--runs", folder]);
  await ask("after a restart", server, {}, wanted);
  await ask("again", server, {}, wanted);
  await ask("a tenth of it, zoomed", server, { from: 4e5, to: 5e5 }, wanted);
  await ask("smoothed", server, { smoothing: { kind: "exponential", weight: 0.9 } });
  await ask("mean and band", server, { runs: [{ label: "all", keys }], band: "deviation" });
  noteMemory(`${what} most memory`, server);
  await server.stop();
}

const [part] = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), "seedbed-dashboard-"));
try {
  if (part !== "curves") {
    await measureTable(path.join(folder, "thousand"), 1000, 1000);
    await measureTable(path.join(folder, "myriad"), 10_000, 2000);
  }
  if (part !== "tables") await measureSeries(path.join(folder, "long"));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const line of textTable(rows)) console.log(line);
