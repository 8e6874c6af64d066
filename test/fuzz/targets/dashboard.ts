import { writeFileSync } from "node:fs";
import path from "node:path";

import { createDashboard } from "../../../framework/dashboard/server/createDashboard.ts";
import { RunIndex } from "../../../framework/store/runIndex.ts";
import type { FuzzTarget } from "../fuzzTarget.ts";
import { Asker, requestInput, requestOf } from "../httpInput.ts";
import { scratch } from "../scratch.ts";
import { runFiles } from "../seedRun.ts";

for (const [name, text] of Object.entries(runFiles)) {
  writeFileSync(scratch("dashboard", "toy", "run", name), text);
}
const folder = path.dirname(path.dirname(scratch("dashboard", "toy", "run")));
const index = await RunIndex.open({ folders: [folder], cacheFolder: null });
const asker = new Asker();
const page = { html: "<!doctype html>", files: new Map() };
const app = await createDashboard({ index, version: "1.2.3", page, warn: asker.warn });
const table = {
  ...{
    filter: 'status = "finished"',
    columns: ["name", "config.trainer.maxSteps", "metrics.loss:min"],
  },
  ...{ sort: [{ column: "metrics.loss", descending: true }], groupBy: [], archived: false },
  ...{ offset: 0, limit: 10 },
};
const curves = {
  ...{ runs: [{ label: "a", keys: ["run"] }], metrics: ["loss"], x: "step", from: null, to: 5 },
  ...{ points: 100, band: "none", smoothing: { kind: "exponential", weight: 0.5 } },
};

/** Requests to the dashboard. */
export const target: FuzzTarget = {
  name: "dashboard",
  covers: ["framework/dashboard/", "framework/store/", "framework/web"],
  seeds: [
    requestInput("POST", "/api/table", table),
    requestInput("POST", "/api/table", { ...table, groupBy: ["group"], runs: ["run"] }),
    requestInput("GET", "/api/columns?runs=run"),
    requestInput("POST", "/api/series", curves),
    requestInput("GET", "/api/runs/run"),
    requestInput("GET", "/api/runs/run/media?kind=images&key=s&step=3"),
    requestInput("GET", "/api/runs/run/media?kind=table&key=t"),
    requestInput("GET", "/api/runs/run/histograms?key=h"),
    requestInput("GET", `/api/runs/run/files/${"a".repeat(32)}.png`),
    requestInput("GET", "/api/runs/run/console?after=0&limit=10&search=red"),
    requestInput("POST", "/api/runs/run/system", {
      metrics: ["cpu"],
      from: 0,
      to: null,
      points: 10,
    }),
    requestInput("GET", "/api/compare?runs=run,run"),
    requestInput("GET", "/api/report?runs=run&format=markdown"),
    requestInput("GET", "/api/sweeps/s/analysis?metric=loss"),
    requestInput("PUT", "/api/views/v", { address: "/?a=1" }),
    requestInput("POST", "/api/runs/run/notes", { tags: ["a"], starred: true }),
    requestInput("GET", "/api/info"),
  ],
  words: [
    "/api/runs/",
    "/stop",
    "run",
    "?",
    "&",
    "%2e%2e/",
    "filter=",
    "metrics=",
    "key=",
    "\nhost: evil",
    "\norigin: http://evil",
  ],
  async run(input) {
    const request = requestOf(input);
    if (request.url.includes("/events")) return undefined; // it has no end
    return asker.ask(app, request);
  },
  async close() {
    await app.close();
    await index.close();
  },
};
