/**
 * @file What the dashboard's server answers, as JSON. In numbers NaN and infinities are the strings
 * "NaN", "Infinity" and "-Infinity". `:run` is an `IndexedRun`'s key. Errors are
 * an `ErrorAnswer` with status 400 (what was asked is wrong), 403, 404 or 409.
 */
import type { RunComparison } from "../store/compareRuns.ts";
import type { Cell, ColumnName, IndexedRun } from "../store/indexedRun.ts";
import type { ColumnInfo } from "../store/listColumns.ts";
import type { MediaSeries } from "../store/media/runMedia.ts";
import type { SeriesQuery } from "../store/seriesQuery.ts";

export interface ErrorAnswer {
  error: string;
  /** Where in a filter, in characters from its start; absent elsewhere. */
  position?: number;
}

/** A number as JSON can carry it. */
export type JsonNumber = number | "NaN" | "Infinity" | "-Infinity";

/** `POST /api/table` asks for a part of the run table. The server filters, sorts and groups. */
export type { SortKey, TableQuery } from "../store/tableQuery.ts";

export interface TableAnswer {
  /** Grows whenever anything of any run has changed. */
  revision: number;
  /** Rows in all, of which `rows` is the part from `offset` on. */
  total: number;
  /** Runs that the filter lets through. */
  runs: number;
  rows: TableRow[];
}

/** A run, or a group of them. */
export interface TableRow {
  /** Of the runs in the row; one alone for a run's row. At most 1,000 are named. */
  keys: string[];
  count: number;
  cells: TableCell[];
}

/** Over a group: numbers as mean and spread, others by the values that occur. */
export type TableCell =
  | Cell
  | { mean: JsonNumber; deviation: JsonNumber; min: JsonNumber; max: JsonNumber; count: number }
  | { values: Cell[]; more: number };

/**
 * `GET /api/columns`: all columns that any run has, with how often; 10,000 and more are possible.
 * `GET /api/columns?runs=A,B`: those of some runs.
 */
export interface ColumnsAnswer {
  revision: number;
  config: ColumnInfo[];
  metrics: ColumnInfo[];
  summary: ColumnInfo[];
}

export type { ColumnInfo } from "../store/listColumns.ts";

/** `POST /api/series` asks for curves of many runs, or of groups of runs. */
export type { SeriesQuery } from "../store/seriesQuery.ts";

export interface SeriesAnswer {
  revision: number;
  series: Curve[];
}

export interface Curve {
  label: string;
  metric: string;
  /** Points before thinning. */
  count: number;
  x: JsonNumber[];
  /** Thinned raw values, or the mean over runs. */
  y: JsonNumber[];
  /** Smoothed values at the same x; absent without smoothing. */
  smooth?: JsonNumber[];
  /** Band of a group. */
  lower?: JsonNumber[];
  upper?: JsonNumber[];
  /** Where values were NaN or infinite. */
  nonFinite: { x: JsonNumber; value: JsonNumber }[];
}

/** `GET /api/runs/:run` */
export interface RunAnswer {
  run: IndexedRun;
  specYaml: string;
  manifest: Record<string, unknown>;
  /** Uncommitted changes when it started; "" without. */
  gitPatch: string;
  /** Keys of what is not a scalar, with the steps at which there is some. */
  media: MediaSeries[];
  /** Runs whose artifacts it used, and that used its own. */
  lineage: { nodes: LineageNode[]; edges: { from: string; to: string; artifact: string }[] };
}

export interface LineageNode {
  key: string;
  title: string;
  status: IndexedRun["status"];
  known: boolean;
}

/** `GET /api/runs/:run/media?kind=images&key=samples&step=500`: the record at the last step up to it. */
export type MediaAnswer =
  | { kind: "images"; step: number; images: MediaImage[] }
  | { kind: "text"; step: number; text: string }
  | { kind: "histogram"; step: number; edges: number[]; counts: number[] }
  | { kind: "table"; step: number; columns: string[]; rows: Cell[][] }
  | { kind: "prCurve"; step: number; precision: number[]; recall: number[]; thresholds: number[] }
  /** Of what cannot be read, for a person. */
  | { kind: "problem"; step: number; problem: string }
  | { kind: "none" };

export interface MediaImage {
  /** `/api/runs/:run/files/...`, served with an allow-listed type and `nosniff`; null where it cannot be shown. */
  url: string | null;
  width: number;
  height: number;
  caption: string | null;
  /** Why it cannot be shown, or is not what was logged, for a person. */
  problem: string | null;
}

/** `GET /api/runs/:run/histograms?key=K`: all of one key, for the view over time. */
export interface HistogramsAnswer {
  histograms: { step: number; edges: number[]; counts: number[] }[];
}

/** `GET /api/runs/:run/console?after=N&limit=M&search=S`: printed lines from number N on. */
export type { ConsoleAnswer } from "../store/media/runMedia.ts";

/**
 * `GET /api/runs/:run/system`: names of system metrics. `POST /api/runs/:run/system` with a
 * `SystemQuery` answers with curves as well, over the seconds since the run's start.
 */
export type SystemQuery = Pick<SeriesQuery, "metrics" | "from" | "to" | "points">;

export interface SystemAnswer {
  metrics: string[];
  series: Curve[];
}

/** `POST /api/runs/:run/notes` changes what the user says of a run; absent keys stay. */
export interface NotesChange {
  tags?: string[];
  notes?: string;
  starred?: boolean;
  archived?: boolean;
  title?: string | null;
  /** `#rrggbb`. */
  colour?: string | null;
}

/**
 * `GET /api/compare?runs=A,B,C`: what differs in settings, environment and results.
 * `GET /api/report?runs=A,B&format=html|markdown` is that as one file to save, with curves;
 * `&metrics=a,b` and `&title=T` say what is in it.
 */
export type CompareAnswer = RunComparison;

export interface SweepMetricName {
  name: string;
  goal: "minimize" | "maximize";
}

/**
 * `GET /api/sweeps`, and `GET /api/sweeps/:sweep` for one with its trials, which
 * `?metric=NAME&goal=maximize` judges by another metric than the sweep's.
 */
export interface SweepInfo {
  id: string;
  name: string;
  /** The first one of several. */
  metric: SweepMetricName | null;
  /** What was searched: `config` columns. */
  parameters: ColumnName[];
  runs: number;
  finished: number;
  failed: number;
}

export interface SweepAnswer extends SweepInfo {
  /** Values in the order of `parameters`. */
  trials: {
    key: string;
    status: IndexedRun["status"];
    group: string;
    parameters: Cell[];
    value: JsonNumber | null;
  }[];
}

/** Of a point: over its finished seeds, with Student's interval; null for a single seed. */
export interface SweepPoint {
  /** Of one of its runs. */
  key: string;
  /** In the order of the sweep's parameters. */
  parameters: Cell[];
  mean: number;
  low: number | null;
  high: number | null;
  count: number;
}

/**
 * `GET /api/sweeps/:sweep/analysis`, with `metric` and `goal` as above: what the sweep has found, by
 * points, which are means over seeds.
 */
export interface SweepAnalysisAnswer {
  metric: SweepMetricName | null;
  parameters: ColumnName[];
  /** Ways to tell importance, with the question that each answers. */
  methods: { key: "pedAnova" | "fanova" | "permutation"; name: string; question: string }[];
  /** Finished ones with a finite metric, and from how many on `influence` is there. */
  runs: number;
  leastRuns: number;
  best: SweepPoint | null;
  second: SweepPoint | null;
  /** The second less the best, in pairs over common seeds; null where there is none. */
  comparison:
    | (Pick<SweepPoint, "mean" | "low" | "high" | "count"> & { isDistinct: boolean | null })
    | null;
  influence: {
    /** Of the variance, what no parameter explains alone. */
    together: number;
    /** Of the variance, what the forest foretells of points that it has not seen. */
    foretold: number | null;
    parameters: {
      name: ColumnName;
      /** Shares of 1. */
      importance: Record<"pedAnova" | "fanova" | "permutation", number>;
      /** Of ranks; null for choices. */
      correlation: number | null;
      /** The metric over the parameter, averaged over the others. */
      dependence: { at: Cell[]; isLog: boolean; mean: number[]; deviation: number[] };
    }[];
  } | null;
  /** Of a sweep with several metrics. */
  front: {
    metrics: SweepMetricName[];
    points: { key: string; values: number[]; isOnFront: boolean }[];
  } | null;
  cost: {
    runs: number;
    seconds: number;
    steps: number;
    byStatus: { status: string; runs: number; seconds: number; steps: number }[];
    /** By stopping runs early; null where nobody can tell. */
    saved: { seconds: number; steps: number } | null;
  };
}

/**
 * `GET /api/events`: server-sent events. `changed` whenever runs have: at most twice a second,
 * within a second of the write. `actions` when the state of a started process has.
 */
export interface ChangedEvent {
  revision: number;
  /** Empty means: many, ask again. */
  keys: string[];
}

/**
 * Actions need the token that `seedbed ui` prints, as `Authorization: Bearer`, and are off without
 * `--allow-actions`: `POST /api/runs/:run/stop`, `POST /api/runs/:run/resume`,
 * `POST /api/runs/:run/delete` (to the trash), `POST /api/sweeps/:sweep/stop`, and
 * `POST /api/actions/start` with a `StartQuery`. What they start goes on when the dashboard ends.
 */
export interface ActionAnswer {
  started: { pid: number; command: string[] } | null;
  message: string;
}

/** `GET /api/actions/files`, with the token: what of the project can be started. */
export interface ProjectFiles {
  /** Such as `configs/dreambooth.yaml`. */
  specs: string[];
  sweeps: string[];
}

export interface StartQuery {
  /** One of the `ProjectFiles`. */
  file: string;
  /** Of a spec: `trainer.maxSteps=10`. */
  overrides?: string[];
  /** Of a sweep: trials that run at once. */
  parallel?: number;
}

/** The event `actions`: a started process has ended. */
export interface ActionsEvent {
  pid: number;
  command: string[];
  /** Null after a signal. */
  exitCode: number | null;
  /** The last that it printed. */
  output: string;
}

/** `GET /api/info` */
export interface InfoAnswer {
  version: string;
  folders: string[];
  actions: boolean;
  revision: number;
  runs: number;
}

/** `GET /api/views`, `PUT /api/views/:name`, `DELETE /api/views/:name`: saved addresses. */
export interface SavedView {
  name: string;
  /** The part after `#`. */
  address: string;
}
