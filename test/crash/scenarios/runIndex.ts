import { appendFileSync, existsSync, readdirSync } from "node:fs";
import path from "node:path";

import { openRuns } from "../../../framework/cli/browsing/openRuns.ts";
import { RunIndex } from "../../../framework/store/runIndex.ts";
import { Series } from "../../../framework/store/series.ts";
import { generateRuns } from "../../bench/store/generateRuns.ts";
import { metricLine } from "../../support/runFolders.ts";
import { describeAllRuns } from "../checks/describeAllRuns.ts";
import type { Place, Scenario } from "../scenario.ts";

const repository = path.resolve(import.meta.dirname, "../../..");
const script = path.join(repository, "test/crash/readAllRuns.ts");

const folderOf = ({ runs, name }: Place): string => path.join(runs, name);

/** What the dashboard and `seedbed runs` keep of runs, while these go on. */
export const runIndex: Scenario = {
  name: "run-index",
  cwd: repository,
  isQuick: true,
  kinds: { cache: 1 },
  leavesParts: true, // several programs may read the runs at once
  timers: 0.1,
  nextArgs(place) {
    const folder = folderOf(place);
    if (existsSync(folder)) growRuns(path.join(folder, "sweep-0"));
    else {
      generateRuns({ folder, runs: 12, records: 20 });
      generateRuns({ folder: path.join(folder, "long"), runs: 3, records: 12_000, metrics: 2 });
    }
    return ["--import", "tsx", script, folder];
  },
  async results(place) {
    const folder = folderOf(place);
    const kept = await openRuns(folder);
    const fresh = await RunIndex.open({ folders: [folder], cacheFolder: null });
    const expected = describeAllRuns(fresh, new Series({ cacheFolder: null }));
    const actual = describeAllRuns(kept.index, kept.series);
    const wrong = Object.keys(expected).filter((key) => actual[key] !== expected[key]);
    if (wrong.length === 0) return {}; // how much the runs have grown is no result
    throw new Error(`Cannot accept ${folder}: kept otherwise than read anew: ${wrong.join()}`);
  },
  folder: folderOf,
};

/** Each run logs one more line. */
function growRuns(folder: string): void {
  for (const id of readdirSync(folder)) {
    appendFileSync(path.join(folder, id, "metrics.jsonl"), metricLine([10_000, { "val/loss": 1 }]));
  }
}
