import { InputError } from "../base/errors.ts";
import { textTable } from "../base/textTable.ts";
import { isRecord } from "../tracking/parameters.ts";
import { readRun, type ListedRun, type StoredRun } from "../tracking/runStore.ts";

const header = ["id", "name", "status", "step", "started", "metric"];

/**
 * One line per run under a line of headings. Of a run whose files are damaged it has what the manifest
 * says.
 *
 * @param warn takes what cannot be read of a run
 */
export function runTable(
  runs: readonly ListedRun[],
  warn: (message: string) => void = console.warn,
): string[] {
  return textTable([header, ...runs.map((run) => describeRun(run, readWhatIsThere(run, warn)))]);
}

function readWhatIsThere(run: ListedRun, warn: (message: string) => void): StoredRun | undefined {
  try {
    return readRun(run.folder);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    warn(error.message);
    return undefined;
  }
}

function describeRun(listed: ListedRun, stored: StoredRun | undefined): string[] {
  const { manifest, status } = stored ?? listed;
  const step = stored && Math.max(0, ...stored.records.slice(-1).map((record) => record.step));
  const started = manifest.startedAt.slice(0, 16).replace("T", " ");
  const metric = mainMetric(stored ?? { manifest, metrics: [], spec: {} });
  return [manifest.id, manifest.name, status, String(step ?? "?"), started, metric];
}

/**
 * The number that tells most: the first of the summary, else the last value of what a callback
 * monitors, of the validation loss, or of the training loss.
 */
function mainMetric({
  manifest,
  metrics,
  spec,
}: Pick<StoredRun, "manifest" | "metrics" | "spec">): string {
  const [summary] = Object.entries(manifest.summary);
  if (summary) return `${summary[0]}: ${format(summary[1])}`;
  for (const name of [...monitored(spec), "val/loss", "train/loss"]) {
    const record = metrics.findLast((each) => Object.hasOwn(each.metrics, name));
    const value = record?.metrics[name];
    if (value !== undefined) return `${name}: ${format(value)}`;
  }
  return "";
}

const format = (value: number | string): string =>
  typeof value === "number" ? String(Number(value.toPrecision(4))) : shorten(value);

const maxTextLength = 60;

function shorten(text: string): string {
  const [line = ""] = text.split("\n");
  return line.length > maxTextLength ? `${line.slice(0, maxTextLength)}...` : line;
}

function monitored(spec: Readonly<Record<string, unknown>>): string[] {
  const { callbacks } = spec;
  const options = Array.isArray(callbacks) ? callbacks.filter(isRecord).flatMap(Object.values) : [];
  return options.flatMap((each) =>
    isRecord(each) && typeof each["monitor"] === "string" ? [each["monitor"]] : [],
  );
}
