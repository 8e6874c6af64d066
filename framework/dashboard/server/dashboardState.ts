import type { IndexedRun } from "../../store/indexedRun.ts";
import {
  openConsole,
  openMedia,
  openSystem,
  type RunPlace,
} from "../../store/media/openRecords.ts";
import type { RunConsole, RunMedia, RunSystem } from "../../store/media/runMedia.ts";
import type { RunIndex } from "../../store/runIndex.ts";
import { Series } from "../../store/series.ts";
import { KeptByRun } from "./keptByRun.ts";
import { LiveRuns } from "./liveRuns.ts";
import { RequestError } from "./requestError.ts";
import { RunFactsReader } from "./runFacts.ts";

export interface DashboardStateOptions {
  /** Where long curves are kept; null: nowhere. */
  readonly cacheFolder?: string | null | undefined;
  /** Takes one line for the person who started the server. */
  readonly warn: (message: string) => void;
}

/** What the routes answer from. */
export class DashboardState {
  readonly index: RunIndex;
  readonly media: KeptByRun<RunMedia> = new KeptByRun(openMedia);
  readonly console: KeptByRun<RunConsole> = new KeptByRun(openConsole);
  readonly system: KeptByRun<RunSystem> = new KeptByRun(openSystem);
  readonly facts: RunFactsReader;
  readonly live: LiveRuns;
  readonly series: Series;

  constructor(index: RunIndex, { warn, cacheFolder = null }: DashboardStateOptions) {
    this.index = index;
    this.facts = new RunFactsReader(index);
    this.series = new Series({ cacheFolder });
    this.live = new LiveRuns(index, warn);
  }

  /** @throws {RequestError} when there is no such run, or not any more */
  run(key: string): IndexedRun {
    const run = this.index.run(key);
    if (run) return run;
    throw new RequestError(404, `Cannot find run ${JSON.stringify(key)}: it may have been deleted`);
  }

  /** Absolute. @throws {RequestError} as `run` */
  folder(key: string): string {
    return this.index.folderOf(this.run(key).key)!;
  }

  /** @throws {RequestError} as `run` */
  place(key: string): RunPlace {
    return { folder: this.folder(key), source: this.run(key).source };
  }

  /** Runs of a list separated by commas. @throws {RequestError} as `run` */
  runs(list: string): IndexedRun[] {
    return list.split(",").map((key) => this.run(key));
  }
}
