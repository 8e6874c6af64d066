import { loggedName, type LogEntry } from "./logOptions.ts";
import type { MetricLog } from "./metricLog.ts";
import { ReducedValues, type ReducedState } from "./reducedValues.ts";

/** The values of an epoch, on their way to other workers: JSON has no NaN. */
export interface PackedValues {
  readonly entries: Record<string, NamedEntry>;
  readonly values: Record<string, Omit<ReducedState[string], "value"> & { value: string }>;
}

/** `name` where it is not the key under which the values are reduced. */
type NamedEntry = LogEntry & { readonly name?: string };

/**
 * Sorts what is logged: each step's values go into the step's row, as means over its window of
 * batches, and an epoch's values become one at its end.
 */
export class ValueLog {
  readonly #metricLog: MetricLog;
  readonly #window = new ReducedValues();
  readonly #epoch = new ReducedValues();
  readonly #entries = new Map<string, NamedEntry>();

  constructor(metricLog: MetricLog) {
    this.#metricLog = metricLog;
  }

  /** A value of one batch, for the step's row or the epoch or both. */
  addOfBatch(name: string, value: number, entry: LogEntry, weight: number): void {
    this.#entries.set(name, entry);
    if (entry.onStep) this.#window.add(name, value, 1);
    if (entry.onEpoch) this.#addOfEpoch(name, value, entry, weight);
  }

  /**
   * A value outside a step: what is not of the epoch is part of the next row. Values of one name
   * are reduced together if they come from one hook; of several hooks the later one's counts.
   *
   * @param hook where it is logged
   * @throws {RangeError} when it was logged there with other options before
   */
  add(name: string, value: number, entry: LogEntry, weight: number, hook?: string): void {
    const key = hook === undefined ? name : `${name} of ${hook}`;
    checkAlike(name, this.#entries.get(key), entry);
    this.#entries.set(key, hook === undefined ? entry : { ...entry, name });
    if (entry.onStep) this.#put(name, loggedName(name, entry, "step"), value, entry);
    if (entry.onEpoch) this.#addOfEpoch(key, value, entry, weight);
  }

  /** Ends a window of batches. @param logged whether the values go to the loggers */
  finishStep(logged: boolean): void {
    this.#window.reduce((name, value) => {
      const entry = this.#entries.get(name)!;
      this.#metricLog.measure(name, value);
      if (logged && entry.logger) this.#metricLog.log(loggedName(name, entry, "step"), value);
    });
    this.#window.clear();
  }

  /** Ends an epoch. @returns its values, by the names they were logged under */
  finishEpoch(): Record<string, number> {
    const values: Record<string, number> = {};
    this.#epoch.reduce((key, value) => {
      const { name = key, ...entry } = this.#entries.get(key)!;
      values[name] = value;
      this.#put(name, loggedName(name, entry, "epoch"), value, entry);
    });
    this.#epoch.clear();
    return values;
  }

  /** Forgets an epoch's values: it begins again. */
  clear(): void {
    this.#window.clear();
    this.#epoch.clear();
  }

  /** Names to show in the progress bar. */
  progressBarNames(): string[] {
    const shown = [...this.#entries].filter(([, { progBar }]) => progBar);
    return [...new Set(shown.map(([key, { name = key }]) => name))];
  }

  /** What a checkpoint inside an epoch must know. */
  state(): { values: ReducedState; entries: Record<string, NamedEntry> } {
    const values = this.#epoch.state();
    const entries = [...this.#entries].filter(([name]) => name in values);
    return { values, entries: Object.fromEntries(entries) };
  }

  /**
   * Makes this worker's epoch that of all: values are joined, or are rank 0's, as each asks.
   *
   * @param packed what `pack` gave on each worker, by rank
   */
  join(packed: readonly PackedValues[]): void {
    this.#epoch.clear();
    for (const [rank, { entries, values }] of packed.entries()) {
      for (const [name, entry] of Object.entries(entries)) this.#entries.set(name, entry);
      const joined = Object.entries(values).filter(
        ([name]) => rank === 0 || entries[name]?.syncDist !== false,
      );
      this.#epoch.join(
        Object.fromEntries(
          joined.map(([name, each]) => [name, { ...each, value: Number(each.value) }]),
        ),
      );
    }
  }

  /** The epoch's values so far, as JSON can hold them. */
  pack(): PackedValues {
    const { values, entries } = this.state();
    const packed = Object.entries(values).map(
      ([name, each]) => [name, { ...each, value: String(each.value) }] as const,
    );
    return { entries, values: Object.fromEntries(packed) };
  }

  restore({ values, entries }: ReturnType<ValueLog["state"]>): void {
    this.#epoch.restore(values);
    for (const [name, entry] of Object.entries(entries)) this.#entries.set(name, entry);
  }

  #addOfEpoch(name: string, value: number, entry: LogEntry, weight: number): void {
    this.#epoch.add(name, value, entry.batchSize ?? weight, entry.reduceFx);
  }

  #put(name: string, loggedName: string, value: number, { logger }: LogEntry): void {
    this.#metricLog.measure(name, value);
    if (logger) this.#metricLog.log(loggedName, value);
  }
}

/** The weight of a value aside, which may change from one to the next. */
function checkAlike(name: string, before: NamedEntry | undefined, entry: LogEntry): void {
  if (!before?.onEpoch || !entry.onEpoch) return;
  const options = [
    "onStep",
    "reduceFx",
    "progBar",
    "logger",
    "addDataloaderIdx",
    "syncDist",
  ] as const;
  const other = options.find((option) => before[option] !== entry[option]);
  if (other === undefined) return;
  throw new RangeError(
    `Cannot log "${name}": expected ${other} ${before[other]} as before in this hook, got ${entry[other]}`,
  );
}
