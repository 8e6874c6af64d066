import type { LoggedPrCurve, PrCurvePoints, ScoredExamples } from "./logger.ts";

/** TensorBoard's number. */
const defaultThresholds = 201;

/**
 * The curve at its thresholds. An example is found at threshold t when its prediction, rounded down to
 * a threshold, is at least t.
 *
 * Source: `compute_summary` of TensorBoard's plugin pr_curve.
 *
 * @throws {RangeError} when lists differ in length, or a prediction is not from 0 to 1
 */
export function prCurvePoints(curve: LoggedPrCurve): PrCurvePoints {
  if ("labels" in curve) return countExamples(curve);
  const lengths = Object.values(curve).map((values) => values.length);
  if (new Set(lengths).size === 1) return curve;
  throw new RangeError(
    `Cannot log curve: expected one value of each kind at each threshold, got ${lengths.join(", ")}`,
  );
}

function countExamples(examples: ScoredExamples): PrCurvePoints {
  checkExamples(examples);
  const { labels, predictions, weights, thresholds = defaultThresholds } = examples;
  const truePositives = Array.from({ length: thresholds }, () => 0);
  const falsePositives = truePositives.slice();
  for (let i = 0; i < labels.length; i++) {
    const bin = Math.floor(predictions[i]! * (thresholds - 1));
    (labels[i] ? truePositives : falsePositives)[bin]! += weights?.[i] ?? 1;
  }
  for (let bin = thresholds - 2; bin >= 0; bin--) {
    truePositives[bin]! += truePositives[bin + 1]!;
    falsePositives[bin]! += falsePositives[bin + 1]!;
  }
  const [positives, negatives] = [truePositives[0]!, falsePositives[0]!];
  const ratio = (part: number, all: number): number => (all > 0 ? part / all : 0);
  return {
    truePositives,
    falsePositives,
    trueNegatives: falsePositives.map((found) => negatives - found),
    falseNegatives: truePositives.map((found) => positives - found),
    precision: truePositives.map((found, i) => ratio(found, found + falsePositives[i]!)),
    recall: truePositives.map((found) => ratio(found, positives)),
  };
}

function checkExamples({
  labels,
  predictions,
  weights = predictions,
  thresholds = defaultThresholds,
}: ScoredExamples): void {
  const lengths = [predictions, labels, weights].map((list) => list.length);
  if (new Set(lengths).size > 1) {
    throw new RangeError(
      `Cannot log curve: expected as many labels and weights as predictions, got ${lengths.join(", ")}`,
    );
  }
  const bad = Array.from(predictions).find((value) => !(value >= 0 && value <= 1));
  if (bad !== undefined) {
    throw new RangeError(`Cannot log curve: expected predictions from 0 to 1, got ${bad}`);
  }
  if (!Number.isSafeInteger(thresholds) || thresholds < 2) {
    throw new RangeError(`Cannot log curve: expected 2 or more thresholds, got ${thresholds}`);
  }
}
