import { startServer, type BenchServer } from "../bench/benchServer.ts";
import { generatedId, generateRuns } from "../bench/store/generateRuns.ts";

export interface DashboardLoadOptions {
  readonly folder: string;
  readonly runs: number;
  /** Points of each of `metrics` metrics of a run. */
  readonly records: number;
  readonly metrics: number;
  /** How often the same questions are asked, to see whether memory grows. */
  readonly repeats: number;
}

export interface DashboardLoad {
  readonly points: number;
  /** Until the server listens, without an index: waited, and of processor time, in ms. */
  readonly startMs: number;
  readonly startProcessorMs: number;
  readonly tableMs: number;
  readonly chartMs: number;
  /** What went wrong; none where nothing did. */
  readonly problems: readonly string[];
  readonly peakMb: number;
  /** By how much what is alive grew while the same was asked again and again, in MB. */
  readonly grownMb: number;
}

const chartRuns = 50;

/** Asks a dashboard for the table and a chart of many runs, again and again. */
export async function loadDashboard(options: DashboardLoadOptions): Promise<DashboardLoad> {
  const { folder, runs, records, metrics, repeats } = options;
  generateRuns({ folder, runs, records, metrics });
  const server = await startServer(["ui", "--runs", folder], { collects: true });
  const started = { startMs: server.startMs, startProcessorMs: server.processorMs() };
  const problems: string[] = [];
  try {
    const ids = Array.from({ length: chartRuns }, (_, i) =>
      generatedId(Math.floor((i * runs) / chartRuns)),
    );
    const tableMs = await timed(() => askTable(server, runs, problems));
    const chartMs = await timed(() => askChart(server, ids, problems));
    for (let i = 0; i < 3; i++) await askAll(server, { runs, ids, problems });
    const before = await server.keptMb();
    for (let i = 0; i < repeats; i++) await askAll(server, { runs, ids, problems });
    const peakMb = server.peakMb();
    const grownMb = (await server.keptMb()) - before;
    const measured = { points: runs * records * metrics, tableMs, chartMs };
    return { ...started, ...measured, problems, grownMb, peakMb };
  } finally {
    await server.stop();
  }
}

async function askAll(
  server: BenchServer,
  { runs, ids, problems }: { runs: number; ids: readonly string[]; problems: string[] },
): Promise<void> {
  await askTable(server, runs, problems);
  await askChart(server, ids, problems);
}

async function askTable(server: BenchServer, runs: number, problems: string[]): Promise<void> {
  const { total } = await server.ask("/api/table", {
    filter: 'status = "finished"',
    columns: ["name", "config.optimizer.learningRate", "metrics.train/loss"],
    sort: [{ column: "metrics.train/loss", descending: true }],
    ...{ groupBy: [], archived: false, offset: 0, limit: 100 },
  });
  const wanted = runs - Math.floor(runs / 4); // every fourth has failed
  if (total !== wanted) problems.push(`${total} rows, not ${wanted}`);
}

async function askChart(
  server: BenchServer,
  ids: readonly string[],
  problems: string[],
): Promise<void> {
  const { series } = await server.ask("/api/series", {
    runs: ids.map((id) => ({ label: id, keys: [id] })),
    metrics: ["train/loss"],
    ...{ x: "step", from: null, to: null, points: 1000, band: "none" },
    smoothing: { kind: "none", weight: 0 },
  });
  if (series.length !== ids.length) problems.push(`${series.length} curves, not ${ids.length}`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}
