/** @file Intervals such as `100 steps` or `30 min`: one notation for whatever happens now and then. */

/**
 * `steps` are the optimizer's, `batches` and `samples` those that were trained on, `percent` is of
 * all steps of the training.
 */
export type IntervalUnit = "steps" | "epochs" | "batches" | "samples" | "seconds" | "percent";

export interface Interval {
  /** More than 0; whole unless the unit is seconds or percent. */
  readonly count: number;
  readonly unit: IntervalUnit;
}

/** How far something has come, in the units that are counted there. */
export type IntervalCounters = Readonly<
  Partial<Record<Exclude<IntervalUnit, "percent">, number>> & {
    /** Steps that there will be; Infinity when nobody knows. */
    totalSteps?: number;
  }
>;

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Days, hours, minutes and seconds, as Lightning and Slurm write them. */
const clock = String.raw`\d+:\d\d:\d\d:\d\d`;

const notations: Readonly<Record<IntervalUnit, { pattern: string; example: string }>> = {
  steps: { pattern: String.raw`[1-9]\d* ?steps?`, example: "100 steps" },
  epochs: { pattern: String.raw`[1-9]\d* ?epochs?`, example: "2 epochs" },
  batches: { pattern: String.raw`[1-9]\d* ?batch(?:es)?`, example: "500 batches" },
  samples: { pattern: String.raw`[1-9]\d* ?samples?`, example: "10000 samples" },
  seconds: {
    pattern: String.raw`\d+(?:\.\d+)? ?(?:s|sec|seconds?|min|minutes?|h|hours?|d|days?)|${clock}`,
    example: "30 min",
  },
  percent: { pattern: String.raw`\d+(?:\.\d+)? ?%`, example: "5 %" },
};

const allUnits: readonly IntervalUnit[] = [
  "steps",
  "epochs",
  "batches",
  "samples",
  "seconds",
  "percent",
];

/** The JSON schema of an option that takes an interval in these units. */
export function intervalSchema(units: readonly IntervalUnit[] = allUnits): {
  type: "string";
  pattern: string;
  examples: string[];
} {
  return {
    type: "string",
    pattern: `^(?:${units.map((unit) => notations[unit].pattern).join("|")})$`,
    examples: units.map((unit) => notations[unit].example),
  };
}

/** The JSON schema of an option that takes a number of steps, or an interval. */
export function everySchema(minimum: 0 | 1): {
  type: readonly ["integer", "string"];
  minimum: number;
  pattern: string;
  examples: string[];
} {
  return { ...intervalSchema(), type: ["integer", "string"], minimum };
}

/** What an option of `everySchema` says. */
export function readEvery(every: number | string): number | Interval {
  return typeof every === "number" ? every : parseInterval(every);
}

/**
 * Reads `100 steps`, `2 epochs`, `500 batches`, `10000 samples`, `90 s`, `30 min`, `1h`, `2 days`,
 * `DD:HH:MM:SS` or `5 %`.
 *
 * @param units those that make sense where the interval is used
 * @throws {RangeError} with examples
 */
export function parseInterval(text: string, units: readonly IntervalUnit[] = allUnits): Interval {
  const { pattern, examples } = intervalSchema(units);
  const interval = new RegExp(pattern).test(text) ? read(text) : undefined;
  if (interval && interval.count > 0) return interval;
  const known = examples.map((example) => `"${example}"`).join(" or ");
  const problem = interval ? "expected more than none" : `expected text such as ${known}`;
  throw new RangeError(`Cannot read interval: ${problem}, got ${JSON.stringify(text)}`);
}

/** @param text of a form that some unit allows */
function read(text: string): Interval {
  if (text.includes(":")) {
    const [days = 0, hours = 0, minutes = 0, seconds = 0] = text.split(":").map(Number);
    return { count: ((days * 24 + hours) * 60 + minutes) * 60 + seconds, unit: "seconds" };
  }
  const count = Number.parseFloat(text);
  const word = text.replace(/^[\d.]+ ?/, "");
  if (word === "%") return { count, unit: "percent" };
  const unit = allUnits.find((name) => name !== "seconds" && name.startsWith(word));
  if (unit !== undefined && word.length > 1) return { count, unit };
  return { count: count * (secondsPer[word.charAt(0)] ?? 1), unit: "seconds" };
}

/**
 * Whether a multiple of the interval was reached on the way from one state of the counters to a
 * later one.
 *
 * @throws {RangeError} when the unit is not among those counted
 */
export function isDue(
  interval: Interval,
  before: IntervalCounters,
  after: IntervalCounters,
): boolean {
  const { count, unit } = countable(interval, after);
  return passesMultiple(count, counted(unit, before), counted(unit, after));
}

/** Whether a multiple of `count` lies behind `before`, up to `after`. */
export function passesMultiple(count: number, before: number, after: number): boolean {
  return Math.floor(after / count) > Math.floor(before / count);
}

/** Whether so much has passed since the counters were 0. */
export function hasPassed(interval: Interval, counters: IntervalCounters): boolean {
  const { count, unit } = countable(interval, counters);
  return counted(unit, counters) >= count;
}

type CountedUnit = Exclude<IntervalUnit, "percent">;

/** Parts of the training in whole steps, rounded up as Hugging Face's `Trainer` does. */
function countable(
  { count, unit }: Interval,
  { totalSteps = Infinity }: IntervalCounters,
): { count: number; unit: CountedUnit } {
  if (unit !== "percent") return { count, unit };
  if (totalSteps === Infinity) {
    throw new RangeError(
      `Cannot use an interval of ${count} % here: expected training of known length; set maxSteps, or maxEpochs and a loader with a length`,
    );
  }
  const steps = (count * totalSteps) / 100;
  return { count: Math.max(1, Math.ceil(Number(steps.toPrecision(12)))), unit: "steps" };
}

function counted(unit: CountedUnit, counters: IntervalCounters): number {
  const value = counters[unit];
  if (value !== undefined) return value;
  const known = Object.keys(counters).join(", ");
  throw new RangeError(`Cannot use an interval in ${unit} here: expected one in ${known}`);
}
