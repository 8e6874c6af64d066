import { rgbImage } from "../../../framework/data/image.ts";
import type { Report, ReportTable } from "../../../framework/report/report.ts";

export const exampleTable: ReportTable = {
  kind: "table",
  corner: "run",
  columns: [
    { label: "score", better: "higher", digits: 2 },
    { label: "loss", better: "lower", digits: 1 },
    { label: "weights" },
  ],
  rows: [
    { label: "base", cells: [{ mean: 9 }, undefined, "<none>"], isBaseline: true },
    { label: "a|b", cells: [{ mean: 0.5, deviation: 0.125 }, { mean: 2 }, "last"] },
    { label: "c", cells: [{ mean: 0.25 }, { mean: 1234.5 }, "last"] },
  ],
};

const picture = rgbImage(4, 2, new Uint8Array(24).fill(200));

/** A block of each kind. */
export const exampleReport: Report = {
  title: "A & B",
  blocks: [
    { kind: "heading", text: "Numbers" },
    { kind: "text", text: "Of *two* runs.", terms: [["score", "higher is better"]] },
    exampleTable,
    {
      kind: "chart",
      name: "plane",
      x: "loss",
      y: "score",
      points: [
        { label: "a", x: { mean: 1 }, y: { mean: 0.5, deviation: 0.1 } },
        { label: "nowhere", x: { mean: Number.NaN }, y: { mean: 1 } },
        { label: "c", x: { mean: 3 }, y: { mean: 0.9 } },
      ],
    },
    {
      kind: "pictures",
      name: "shown",
      columnLabels: ["red", "blue"],
      rows: [{ label: "a", pictures: [picture, picture] }],
    },
  ],
  data: { runs: [1, 2] },
};
