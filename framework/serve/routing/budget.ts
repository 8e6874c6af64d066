import { existsSync, readFileSync } from "node:fs";

import { writeFileAtomic } from "../../base/atomicFile.ts";
import { InputError } from "../../base/errors.ts";
import { AppendFile } from "../../tracking/appendFile.ts";
import { dollarsText, picoDollarsOf } from "../prices/picoDollars.ts";

const periodsMs = { hour: 3_600_000, day: 86_400_000 } as const;

export interface BudgetLimit {
  readonly picoDollars: bigint;
  /** Of UTC. */
  readonly period: keyof typeof periodsMs;
}

/**
 * Reads such as `0.50/day` or `2/hour`.
 *
 * @throws {InputError}
 */
export function readBudget(text: string): BudgetLimit {
  const [, dollars = "", period] = /^([\d.e+-]+)\/(hour|day)$/.exec(text) ?? [];
  const picoDollars = dollars === "" ? undefined : picoDollarsOf(Number(dollars));
  if (picoDollars === undefined || picoDollars === 0n) {
    throw new InputError(
      `Cannot keep to a budget: expected dollars above 0 by hour or day, such as 0.50/day, got ${JSON.stringify(text)}`,
    );
  }
  return { picoDollars, period: period === "hour" ? "hour" : "day" };
}

export interface BudgetOptions extends BudgetLimit {
  /** A journal of what was spent: a server that starts again goes on with it. */
  readonly file: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told when a line cannot be written, once. */
  readonly warn: (line: string) => void;
}

/** What a period has cost so far, in a line of the journal. */
interface Entry {
  readonly period: string;
  /** When the period began, in milliseconds since 1970. */
  readonly start: number;
  /** In pico-dollars. */
  readonly spent: string;
}

/**
 * Dollars for each hour or day. What an answer costs is known when it has ended: those that are under
 * way when the last dollar goes are still ended.
 */
export class Budget {
  readonly limit: BudgetLimit;
  readonly #options: BudgetOptions;
  readonly #journal: AppendFile;
  #start: number;
  #spent: bigint;
  #hasFailed = false;

  /** @throws {InputError} for a journal that is none */
  constructor(options: BudgetOptions) {
    this.limit = { picoDollars: options.picoDollars, period: options.period };
    this.#options = options;
    const last = lastEntry(options.file);
    this.#start = this.#periodNow();
    const isGoingOn = last?.period === options.period && last.start === this.#start;
    this.#spent = isGoingOn ? BigInt(last.spent) : 0n;
    writeFileAtomic(options.file, this.#entry()); // earlier lines say nothing more
    this.#journal = new AppendFile(options.file);
  }

  get isSpent(): boolean {
    return this.spent >= this.limit.picoDollars;
  }

  /** In the period that is now, in pico-dollars. */
  get spent(): bigint {
    const start = this.#periodNow();
    if (start !== this.#start) {
      this.#start = start;
      this.#spent = 0n;
    }
    return this.#spent;
  }

  /** Such as `0.5 dollars a day`. */
  get description(): string {
    const { picoDollars, period } = this.limit;
    return `${dollarsText(picoDollars)} dollars ${period === "hour" ? "an hour" : "a day"}`;
  }

  spend(picoDollars: bigint): void {
    this.#spent = this.spent + picoDollars;
    try {
      this.#journal.append(this.#entry());
    } catch (error) {
      this.#tell(error);
    }
  }

  close(): void {
    this.#journal.close();
  }

  /** What was spent is known all the same, until the server ends. */
  #tell(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.warn(`Cannot note what was spent: ${String(error)}; answers go on`);
  }

  #periodNow(): number {
    const { now, period } = this.#options;
    const at = now();
    return at - (at % periodsMs[period]);
  }

  #entry(): string {
    const { period } = this.limit;
    const entry: Entry = { period, start: this.#start, spent: String(this.#spent) };
    return `${JSON.stringify(entry)}\n`;
  }
}

/** The last line that was written whole. */
function lastEntry(file: string): Entry | undefined {
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  const last = lines.at(-1);
  if (last === undefined) return undefined;
  try {
    const entry: Partial<Entry> = JSON.parse(last);
    const { period, start, spent = "" } = entry;
    if (typeof period === "string" && typeof start === "number" && /^\d+$/.test(spent)) {
      return { period, start, spent };
    }
  } catch {} // told below
  throw new InputError(
    `Cannot keep to a budget: expected ${file} to be a journal of what was spent, got ${JSON.stringify(last.slice(0, 60))}; move it away to begin anew`,
  );
}
