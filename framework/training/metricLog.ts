import type {
  LoggedHistogram,
  LoggedImage,
  LoggedPrCurve,
  LoggedTable,
  Logger,
  LogPoint,
} from "../tracking/logger.ts";
import { metricsOf } from "../tracking/metricsRow.ts";
import { RowBuilder } from "../tracking/rowBuilder.ts";

/** Where training is. */
type Moment = Pick<LogPoint, "step" | "epoch">;
type Metrics = Readonly<Record<string, number>>;

/** Keeps the latest value of every metric and sends rows to the loggers. */
export class MetricLog {
  readonly #loggers: readonly Logger[];
  readonly #moment: Moment;
  readonly #measuredAt = new Map<string, number>();
  readonly #pending = new RowBuilder();
  /** Latest value of everything measured. */
  readonly metrics: Record<string, number> = {};

  /** @param moment says at any time where training is */
  constructor(loggers: readonly Logger[], moment: Moment) {
    this.#loggers = loggers;
    this.#moment = moment;
  }

  measuredAt(metric: string): number | undefined {
    return this.#measuredAt.get(metric);
  }

  /** Makes a value known to callbacks without logging it. */
  measure(name: string, value: number): void {
    this.metrics[name] = value;
    this.#measuredAt.set(name, this.#moment.step);
  }

  /** Makes a value part of the next row, without making it known to callbacks. */
  log(name: string, value: number): void {
    if (this.#loggers.length > 0) this.#pending.set(name, value);
  }

  /** Sends the row, if it has values. Every row of a step comes before its checkpoint. */
  async emit(): Promise<void> {
    if (this.#pending.isEmpty) return;
    const point = this.#timedPoint();
    const row = this.#pending.take(point);
    for (const logger of this.#loggers) {
      const logged = logger.logRow ? logger.logRow(row) : logger.logMetrics(metricsOf(row), point);
      if (logged) await logged;
    }
  }

  async images(key: string, images: readonly LoggedImage[]): Promise<void> {
    const point = this.#timedPoint();
    for (const logger of this.#loggers) await logger.logImages(key, images, point);
  }

  async histogram(key: string, histogram: LoggedHistogram): Promise<void> {
    const point = this.#timedPoint();
    for (const logger of this.#loggers) await logger.logHistogram(key, histogram, point);
  }

  async text(key: string, text: string): Promise<void> {
    const point = this.#timedPoint();
    for (const logger of this.#loggers) await logger.logText(key, text, point);
  }

  async table(key: string, table: LoggedTable): Promise<void> {
    const point = this.#timedPoint();
    for (const logger of this.#loggers) await logger.logTable(key, table, point);
  }

  async prCurve(key: string, curve: LoggedPrCurve): Promise<void> {
    const point = this.#timedPoint();
    for (const logger of this.#loggers) await logger.logPrCurve(key, curve, point);
  }

  /** Makes all rows durable. */
  async flush(): Promise<void> {
    await this.emit();
    for (const logger of this.#loggers) await logger.flush();
  }

  /** What a checkpoint must know: values and when they were measured. */
  state(): { values: Record<string, number>; steps: Record<string, number> } {
    return { values: { ...this.metrics }, steps: Object.fromEntries(this.#measuredAt) };
  }

  restore({ values, steps }: { values: Metrics; steps: Metrics }): void {
    Object.assign(this.metrics, values);
    for (const [name, step] of Object.entries(steps)) this.#measuredAt.set(name, step);
  }

  #timedPoint(): LogPoint {
    const { step, epoch } = this.#moment;
    return { step, epoch, wallTimeSeconds: Date.now() / 1000 };
  }
}
