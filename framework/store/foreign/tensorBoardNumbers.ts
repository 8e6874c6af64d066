/** @file Histograms and curves of TensorBoard's files. */
import { InputError } from "../../base/errors.ts";
import type { HistogramBins, PrCurvePoints } from "../../tracking/logger.ts";
import { forEachField } from "./protoFields.ts";
import { append, packed, type TensorBoardTensor } from "./tensorBoardTensor.ts";

/**
 * A histogram of rows `left, right, count`. Between rows that do not touch lies a bin of nothing.
 *
 * @throws {InputError} when it has another shape
 */
export function histogramOf({ shape, numbers }: TensorBoardTensor): HistogramBins {
  if (shape.length !== 2 || shape[1] !== 3 || numbers.length !== shape[0]! * 3)
    throw new InputError(`Cannot read histogram: expected shape [bins, 3], got [${shape.join()}]`);
  const edges: number[] = [];
  const counts: number[] = [];
  for (let at = 0; at < numbers.length; at += 3) {
    const [left, right, count] = [numbers[at]!, numbers[at + 1]!, numbers[at + 2]!];
    if (edges.length === 0) edges.push(left);
    else if (left > edges.at(-1)!) {
      edges.push(left);
      counts.push(0);
    }
    edges.push(right);
    counts.push(count);
  }
  return edges.length === 0 ? { edges: [0, 1], counts: [0] } : { edges, counts };
}

/**
 * A histogram in TensorBoard's first form. Its outermost edges may lie at float64's ends; instead of
 * them stand the least and greatest value, and empty bins outside of these are left out, as in
 * `migrate_value` of TensorBoard's data_compat.
 */
export function oldHistogram(message: Uint8Array): HistogramBins {
  let [min, max] = [0, 0];
  const limits: number[] = [];
  const buckets: number[] = [];
  forEachField(message, (field, reader) => {
    if (field === 1) min = reader.double();
    else if (field === 2) max = reader.double();
    else if (field === 6) append(limits, packed(reader.bytes(), doubles));
    else if (field === 7) append(buckets, packed(reader.bytes(), doubles));
    else return false;
    return true;
  });
  const first = buckets.findIndex((count) => count > 0);
  const last = buckets.findLastIndex((count) => count > 0);
  if (first < 0) return { edges: [0, 1], counts: [0] };
  const edges = [min, ...limits.slice(first, last), max];
  return { edges, counts: buckets.slice(first, last + 1) };
}

const doubles = 2;

/** @throws {InputError} when the tensor is no `[6, thresholds]` */
export function curveOf({ shape, numbers }: TensorBoardTensor): PrCurvePoints {
  const [rows, thresholds = 0] = shape;
  if (shape.length !== 2 || rows !== 6 || numbers.length !== 6 * thresholds)
    throw new InputError(
      `Cannot read curve: expected shape [6, thresholds], got [${shape.join()}]`,
    );
  const row = (index: number): number[] =>
    numbers.slice(index * thresholds, (index + 1) * thresholds);
  return {
    truePositives: row(0),
    falsePositives: row(1),
    trueNegatives: row(2),
    falseNegatives: row(3),
    precision: row(4),
    recall: row(5),
  };
}
