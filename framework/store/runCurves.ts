import { numberFromJson } from "../tracking/jsonNumber.ts";
import type { ValueSummary } from "./blockExtremes.ts";
import { Curve, type CurveAxis } from "./curve.ts";
import { CurveValues } from "./curveValues.ts";
import { GrowingArray } from "./growingArray.ts";
import type { PointListener } from "./pointReader.ts";

/** The points of one metric: in which row of the run, and what. */
export interface MetricColumn {
  readonly row: GrowingArray<Uint32Array>;
  readonly value: GrowingArray<Float64Array>;
  /** Reads what the file of columns says of the values, as long as there are no others. */
  readSummary?: (() => ValueSummary) | undefined;
}

export type AxisColumns = Readonly<Record<CurveAxis, GrowingArray<Float64Array>>>;

/** All scalars of a run, by column. */
export class RunCurves implements PointListener {
  axes: AxisColumns;
  metrics: Map<string, MetricColumn>;
  readonly #curves = new Map<string, Curve>();

  constructor(axes: AxisColumns = emptyAxes(), metrics: Map<string, MetricColumn> = new Map()) {
    this.axes = axes;
    this.metrics = metrics;
  }

  restart(): void {
    this.axes = emptyAxes();
    this.metrics = new Map();
    this.#curves.clear();
  }

  point(
    step: number,
    epoch: number,
    time: number,
    metrics: Readonly<Record<string, unknown>>,
  ): void {
    const { axes } = this;
    const row = axes.step.length;
    axes.step.push(step);
    axes.epoch.push(epoch);
    axes.time.push(time);
    for (const name in metrics) {
      const value = numberFromJson(metrics[name]);
      if (value !== undefined) this.#add(name, row, value);
    }
  }

  /** Undefined for a metric that was never logged. */
  curve(name: string): Curve | undefined {
    const column = this.metrics.get(name);
    const known = this.#curves.get(name);
    if (!column || known?.count === column.value.length) return known;
    const { axes } = this;
    const values = new CurveValues(column.value, column.readSummary);
    const curve = new Curve(values, (axis) => readAxis(axes[axis], column.row, values.length));
    this.#curves.set(name, curve);
    return curve;
  }

  /** Memory taken. */
  get bytes(): number {
    const buffers = new Set<ArrayBufferLike | undefined>();
    for (const axis of Object.values(this.axes)) buffers.add(axis.buffer);
    for (const { row, value } of this.metrics.values()) buffers.add(row.buffer).add(value.buffer);
    for (const curve of this.#curves.values())
      for (const buffer of curve.buffers()) buffers.add(buffer);
    return [...buffers].reduce((sum, buffer) => sum + (buffer?.byteLength ?? 0), 0);
  }

  #add(name: string, row: number, value: number): void {
    let column = this.metrics.get(name);
    if (!column) {
      column = { row: GrowingArray.uint32(), value: GrowingArray.float64() };
      this.metrics.set(name, column);
    }
    column.row.push(row);
    column.value.push(value);
    column.readSummary = undefined;
  }
}

/** An axis of a run at the first rows of one metric. */
function readAxis(
  axis: GrowingArray<Float64Array>,
  row: GrowingArray<Uint32Array>,
  count: number,
): Float64Array {
  const all = axis.view();
  if (count === all.length) return all; // a value in every row
  const rows = row.view();
  const own = new Float64Array(count);
  for (let i = 0; i < count; i++) own[i] = all[rows[i]!]!;
  row.release();
  axis.release();
  return own;
}

function emptyAxes(): AxisColumns {
  return {
    step: GrowingArray.float64(),
    epoch: GrowingArray.float64(),
    time: GrowingArray.float64(),
  };
}
