import type { RunRecord } from "./metricsFile.ts";

/** Where two runs' records of one name part. */
export interface RecordDifference {
  /** Of the metric, or the key of the pictures, text, histogram, table or curve. */
  readonly name: string;
  readonly step: number;
  /** Of both runs, for a person; undefined where nothing was logged. */
  readonly values: readonly [string | undefined, string | undefined];
}

export interface RecordComparison {
  /** The first of each name, the earliest step first. */
  readonly differences: readonly RecordDifference[];
  /** Values that both have, and which are the same to the last bit. */
  readonly equal: number;
  /** Names that were left out: they tell how fast the machine was. */
  readonly ofTheMachine: readonly string[];
  /** The last step that is compared: the last one of the run that got less far. */
  readonly upToStep: number;
}

/** Metrics that no two runs have alike, since they are measured by the clock or of the machine. */
const ofTheMachine = /(^|\/)time$|Seconds$|PerSecond|Utilization$|^deviceStatsMonitor\//;

/**
 * Compares all that two runs have logged, up to the last step that both have reached, by name and
 * step. Of several values at one step the last counts, as it does where a run was resumed.
 */
export function compareRecords(
  first: readonly RunRecord[],
  second: readonly RunRecord[],
): RecordComparison {
  const runs = [valuesOf(first), valuesOf(second)] as const;
  const upToStep = Math.min(lastStep(first), lastStep(second));
  const names = [...new Set(runs.flatMap((values) => [...values.keys()]))];
  const compared = names.filter((name) => !ofTheMachine.test(name));
  const differences: RecordDifference[] = [];
  let equal = 0;
  for (const name of compared) {
    const [one, other] = runs.map((values) => values.get(name) ?? new Map<number, string>());
    const steps = [...new Set([...one!.keys(), ...other!.keys()])].filter(
      (step) => step <= upToStep,
    );
    const step = steps
      .toSorted((a, b) => a - b)
      .find((each) => one!.get(each) !== other!.get(each));
    if (step === undefined) equal += steps.length;
    else differences.push({ name, step, values: [one!.get(step), other!.get(step)] });
  }
  return {
    differences: differences.toSorted((a, b) => a.step - b.step),
    equal,
    ofTheMachine: names.filter((name) => ofTheMachine.test(name)),
    upToStep,
  };
}

const lastStep = (records: readonly RunRecord[]): number =>
  records.reduce((last, { step }) => Math.max(last, step), 0);

/** By name and step. Two texts are equal exactly where the values are. */
function valuesOf(records: readonly RunRecord[]): Map<string, Map<number, string>> {
  const values = new Map<string, Map<number, string>>();
  const note = (name: string, step: number, value: string): void => {
    const own = values.get(name) ?? new Map<number, string>();
    values.set(name, own.set(step, value));
  };
  for (const record of records) {
    const { step } = record;
    if (record.kind === "metrics") {
      for (const [name, value] of Object.entries(record.metrics)) {
        note(name, step, Object.is(value, -0) ? "-0" : String(value));
      }
    } else note(record.key, step, describe(record));
  }
  return values;
}

function describe(record: Exclude<RunRecord, { kind: "metrics" }>): string {
  const { kind: _, step: _1, epoch: _2, wallTimeSeconds: _3, key: _4, ...content } = record;
  return JSON.stringify(content);
}
