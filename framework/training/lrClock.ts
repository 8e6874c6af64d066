import type { LrSchedule, LrScheduleConfig } from "../optim/lrSchedule.ts";

/** When schedules may go on. */
export type LrMoment =
  /** After the update, before the hooks of the batch's end. */
  | { readonly at: "batchEnd"; readonly batches: number; readonly updated: boolean }
  /** As well, when the batch was the epoch's last. */
  | { readonly at: "lastBatch"; readonly epoch: number }
  /** After the validation that followed an update, if there was one. */
  | { readonly at: "settled"; readonly batches: number }
  /** After the hooks of the epoch's end. */
  | { readonly at: "epochEnd"; readonly epoch: number };

export interface LrClockState {
  ticks: number;
  /** Of a schedule that follows a metric. */
  state: Record<string, number>;
}

/**
 * A learning-rate schedule and how far it has gone. Intervals are Lightning's: a `frequency` of
 * steps counts the batches of the epoch, and only batches with an update are asked; epochs count
 * when their last batch is done. Schedules that follow a metric wait for it: until after the
 * validation, or the hooks of the epoch's end.
 */
export class LrClock {
  readonly #config: CompleteConfig;
  #ticks = 0;

  /** @throws {RangeError} when the config says what cannot be */
  constructor(schedule: LrSchedule | LrScheduleConfig = () => 1) {
    this.#config = complete(typeof schedule === "function" ? { schedule } : schedule);
  }

  /** What the schedule counts. */
  get interval(): CompleteConfig["interval"] {
    return this.#config.interval;
  }

  /** What the learning rate is logged as, if the schedule says. */
  get name(): string | undefined {
    return this.#config.name;
  }

  /** Factor on the base learning rate now. */
  get factor(): number {
    const { schedule } = this.#config;
    return typeof schedule === "function" ? schedule(this.#ticks) : schedule.factor;
  }

  /**
   * Goes on if it is due.
   *
   * @param warn is told when there is no value to follow and that is no error
   * @throws {RangeError} when there is none and the config is strict
   */
  pass(
    moment: LrMoment,
    metrics: Readonly<Record<string, number>>,
    warn: (line: string) => void,
  ): void {
    if (!this.#isDue(moment)) return;
    const { schedule, monitor, strict } = this.#config;
    this.#ticks++;
    if (typeof schedule === "function") return;
    const value = monitor === undefined ? undefined : metrics[monitor];
    if (value !== undefined) return schedule.update(value);
    const known = Object.keys(metrics).join(", ");
    const message = `Cannot change the learning rate after "${monitor}": it was never logged, expected one of ${known}`;
    if (strict) throw new RangeError(message);
    warn(`${message}; this time is left out`);
  }

  state(): LrClockState {
    const { schedule } = this.#config;
    const state = typeof schedule === "function" ? {} : schedule.stateDict();
    return { ticks: this.#ticks, state };
  }

  restore({ ticks, state }: LrClockState): void {
    const { schedule } = this.#config;
    this.#ticks = ticks;
    if (typeof schedule !== "function") schedule.loadStateDict(state);
  }

  #isDue(moment: LrMoment): boolean {
    const { schedule, interval, frequency } = this.#config;
    const follows = typeof schedule !== "function";
    const own = { step: ["batchEnd", "settled"], epoch: ["lastBatch", "epochEnd"] } as const;
    if (moment.at !== own[interval][follows ? 1 : 0]) return false;
    if (moment.at === "batchEnd" && !moment.updated) return false;
    return ("epoch" in moment ? moment.epoch + 1 : moment.batches) % frequency === 0;
  }
}

type CompleteConfig = LrScheduleConfig &
  Required<Pick<LrScheduleConfig, "interval" | "frequency" | "strict">>;

function complete(config: LrScheduleConfig): CompleteConfig {
  const follows = typeof config.schedule !== "function";
  const { interval = follows ? "epoch" : "step", frequency = 1, strict = true } = config;
  const refuse = (problem: string): never => {
    throw new RangeError(`Cannot use learning-rate schedule: expected ${problem}`);
  };
  if (interval !== "step" && interval !== "epoch") {
    refuse(`interval to be "step" or "epoch", got ${JSON.stringify(interval)}`);
  }
  if (!Number.isSafeInteger(frequency) || frequency < 1) {
    refuse(`frequency to be an integer >= 1, got ${frequency}`);
  }
  if (follows !== (config.monitor !== undefined)) {
    refuse(
      follows
        ? "monitor to name the metric that it follows, got none"
        : `no monitor, since it follows no metric, got ${config.monitor}`,
    );
  }
  return { ...config, interval, frequency, strict };
}
