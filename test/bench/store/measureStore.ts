import path from "node:path";

import { RunIndex } from "../../../framework/store/runIndex.ts";
import { Series } from "../../../framework/store/series.ts";
import { querySeries, type SeriesQuery } from "../../../framework/store/seriesQuery.ts";
import { queryTable, type TableQuery } from "../../../framework/store/tableQuery.ts";

/** One thing that was done once. */
export interface Measured {
  name: string;
  wallMs: number;
  cpuMs: number;
  /** Of the process, after it. */
  memoryMb: number;
}

const measured: Measured[] = [];

async function measure<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const [start, cpuStart] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(cpuStart);
  const memoryMb = process.memoryUsage().rss / 2 ** 20;
  measured.push({
    name,
    wallMs: performance.now() - start,
    cpuMs: (user + system) / 1000,
    memoryMb,
  });
  return result;
}

const [what = "", folder = ""] = process.argv.slice(2);
const cacheFolder = path.join(folder, ".cache");
const open = (): Promise<RunIndex> => RunIndex.open({ folders: [folder], cacheFolder });

if (what === "index") {
  const index = await measure("index", open);
  await measure("look again", () => index.refresh());
}
if (what === "table") {
  const index = await open();
  const query: TableQuery = {
    filter: 'config.optimizer.learningRate < 1e-3 and (summary.val/loss > 0.2 or name ~ "sweep-1")',
    columns: ["id", "status", "config.optimizer.learningRate", "metrics.val/loss:min"],
    sort: [{ column: "metrics.val/loss:min", descending: true }],
    groupBy: [],
    archived: false,
    offset: 0,
    limit: 100,
  };
  await measure("filter and sort", () => queryTable(index.runs(), query));
  const groupBy = ["config.optimizer.learningRate", "config.model.dropout"];
  await measure("group", () => queryTable(index.runs(), { ...query, filter: "", groupBy }));
}
if (what === "chart") {
  const index = await open();
  const series = new Series({ cacheFolder });
  const query: SeriesQuery = {
    runs: index.runs().map(({ key }) => ({ label: key, keys: [key] })),
    metrics: ["train/loss"],
    ...{ x: "step", from: null, to: null, points: 1500, band: "none" },
    smoothing: { kind: "none", weight: 0 },
  };
  const draw = (change: Partial<SeriesQuery> = {}): unknown =>
    querySeries({ ...query, ...change }, series, (key) => index.run(key));
  await measure("chart", () => draw());
  await measure("chart again", () => draw());
  await measure("zoom", () => draw({ from: 500_000, to: 600_000 }));
  await measure("smooth", () => draw({ smoothing: { kind: "timeWeighted", weight: 0.9 } }));
  const fives = query.runs.flatMap((_, i) =>
    i % 5 === 0
      ? [{ label: String(i), keys: query.runs.slice(i, i + 5).map(({ label }) => label) }]
      : [],
  );
  await measure("groups of 5", () => draw({ runs: fives, band: "deviation" }));
}
console.log(JSON.stringify(measured));
