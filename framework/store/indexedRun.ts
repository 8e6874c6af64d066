/** Which program wrote a run's folder. */
export type RunSource = "seedbed" | "tensorboard" | "wandb" | "mlflow";

/** Numbers that sum up one metric of one run, without its curve. NaN and infinities count in `last`. */
export interface MetricSummary {
  readonly last: number;
  readonly lastStep: number;
  /** Over finite values; NaN when there is none. */
  readonly min: number;
  readonly minStep: number;
  readonly max: number;
  readonly maxStep: number;
  /** Points logged. */
  readonly count: number;
}

/** A value of a column: of the spec, of the manifest or of a metric. */
export type Cell = string | number | boolean | null;

/** What the index knows of a run: enough for its row of the table, without reading a curve. */
export interface IndexedRun {
  /** Names the run in addresses: its id, and after a `~` a number where two folders have one id. */
  readonly key: string;
  readonly folder: string;
  readonly source: RunSource;
  readonly id: string;
  readonly name: string;
  readonly status: "running" | "finished" | "failed" | "interrupted";
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly heartbeatAt: string;
  readonly endedAt: string | null;
  /** From the start to the end, or the last sign of life; without the time between resumes. */
  readonly durationSeconds: number;
  readonly seed: number | null;
  /** The last step that was logged. */
  readonly step: number;
  /** The spec with dotted keys, such as `optimizer.learningRate`; lists as JSON text. */
  readonly config: Readonly<Record<string, Cell>>;
  readonly metrics: Readonly<Record<string, MetricSummary>>;
  /** What the run ended with. */
  readonly summary: Readonly<Record<string, Cell>>;
  /** Runs that differ in their seed alone have the same. */
  readonly group: string;
  readonly sweep: { readonly id: string; readonly name: string; readonly trial: number } | null;
  readonly tags: readonly string[];
  readonly notes: string;
  readonly starred: boolean;
  readonly archived: boolean;
  /** What the user calls it, instead of `name/id`. */
  readonly title: string | null;
  /** What the user painted it with, as `#rrggbb`. */
  readonly colour: string | null;
  /** What could not be read of it, for a person. */
  readonly problems: readonly string[];
}

/**
 * Names of columns, in tables, filters and addresses:
 *
 * - `config.optimizer.learningRate`
 * - `metrics.val/loss` (the last value), `metrics.val/loss:min`, `:max`, `:minStep`, `:maxStep`,
 *   `:lastStep`, `:count`, and `:at(1000)` for the value at the last step up to 1000
 * - `summary.fidelity`
 * - `id`, `name`, `title`, `status`, `startedAt`, `endedAt`, `durationSeconds`, `seed`, `step`,
 *   `source`, `group`, `sweep`, `trial`, `tags`, `notes`, `starred`, `archived`, `colour`
 */
export type ColumnName = string;
