import type { Report, ReportBlock, ReportCell } from "seedbed";

import type { Comparison, MeasuredVariant } from "./compareVariants.ts";

const number = (mean: number | undefined): ReportCell =>
  mean === undefined || Number.isNaN(mean) ? undefined : { mean };

/** What quantization costs, as tables. */
export function comparisonReport(comparison: Comparison, model: string): Report {
  const { float32, variants } = comparison;
  return {
    title: "Quantized models",
    blocks: [
      { kind: "text", text: `Of ${model}, in float32 and with its matrices in codes.` },
      {
        kind: "table",
        corner: "weights",
        columns: [
          { label: "MB", digits: 2 },
          { label: "perplexity", digits: 3 },
          { label: "rise, %", digits: 2 },
          { label: "other likeliest token, %", digits: 2 },
          { label: "task score" },
          { label: "pictures named" },
        ],
        rows: [
          {
            label: "float32",
            isBaseline: true,
            cells: [
              ...[float32.megabytes, float32.perplexity].map(number),
              ...[undefined, undefined, number(float32.score), number(float32.named)],
            ],
          },
          ...variants.map(({ name, perplexityRise, flips, score, named, ...measured }) => ({
            label: name,
            cells: [
              ...[measured.megabytes, measured.perplexity, 100 * perplexityRise, 100 * flips],
              ...[score, named],
            ].map(number),
          })),
        ],
      },
      { kind: "heading", text: "Relative errors of matrices" },
      {
        kind: "text",
        text: "Norm of the difference as a share of the norm: of the weights, and of what comes out for calibration's texts.",
      },
      ...variants.map(errorTable),
    ],
    data: JSON.parse(JSON.stringify({ model, ...comparison })),
  };
}

function errorTable({ name, errors }: MeasuredVariant): ReportBlock {
  return {
    kind: "table",
    corner: name,
    columns: [
      { label: "weights", digits: 4 },
      { label: "outputs", digits: 4 },
    ],
    rows: errors.map((error) => ({
      label: error.name,
      cells: [error.weights, error.outputs].map(number),
    })),
  };
}
