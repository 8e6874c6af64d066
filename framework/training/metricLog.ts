import type {
  LoggedHistogram,
  LoggedImage,
  LoggedPrCurve,
  LoggedTable,
  Logger,
  LogPoint,
} from "../tracking/logger.ts";
import { unchangingMetrics } from "../tracking/metricsRow.ts";

type Metrics = Readonly<Record<string, number>>;

/** Keeps the latest value of every metric and sends rows to the loggers. */
export class MetricLog {
  readonly #loggers: readonly Logger[];
  readonly #point: () => Omit<LogPoint, "wallTimeSeconds">;
  readonly #measuredAt = new Map<string, number>();
  #pending: Record<string, number> | undefined;
  /** Latest value of everything measured. */
  readonly metrics: Record<string, number> = {};

  constructor(loggers: readonly Logger[], point: () => Omit<LogPoint, "wallTimeSeconds">) {
    this.#loggers = loggers;
    this.#point = point;
  }

  measuredAt(metric: string): number | undefined {
    return this.#measuredAt.get(metric);
  }

  /** Makes values known to callbacks without logging them. */
  measure(values: Metrics): void {
    const { step } = this.#point();
    for (const [name, value] of Object.entries(values)) {
      this.metrics[name] = value;
      this.#measuredAt.set(name, step);
    }
  }

  /** Makes values part of the next row, without making them known to callbacks. */
  log(values: Metrics): void {
    if (this.#pending) Object.assign(this.#pending, values);
    else if (Object.keys(values).length > 0) this.#pending = { ...values };
  }

  /** Makes values known and part of the next row. */
  add(values: Metrics): void {
    this.measure(values);
    this.log(values);
  }

  /** Sends the row, if it has values. Every row of a step comes before its checkpoint. */
  async emit(): Promise<void> {
    if (!this.#pending) return;
    const row = unchangingMetrics(this.#pending);
    this.#pending = undefined;
    const point = this.#timedPoint();
    for (const logger of this.#loggers) await logger.logMetrics(row, point);
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
    return { ...this.#point(), wallTimeSeconds: Date.now() / 1000 };
  }
}
