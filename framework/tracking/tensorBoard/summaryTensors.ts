/** @file Tensors of TensorBoard's plugins. */
import type { HistogramBins, LoggedImage, LoggedTable, PrCurvePoints } from "../logger.ts";
import { dataType, type TensorProto } from "./proto.ts";

/** Of values that have nothing but metadata. */
export const emptyTensor: TensorProto = {
  dtype: dataType.float,
  tensorShape: { dim: [{ size: 0 }] },
};

/** Width and height as text, then the encoded pictures. */
export function imagesTensor(images: readonly LoggedImage[]): TensorProto {
  const sizes = [images[0]?.width ?? 0, images[0]?.height ?? 0];
  const strings = [...sizes.map((n) => Buffer.from(String(n))), ...images.map(({ png }) => png)];
  return {
    dtype: dataType.string,
    tensorShape: { dim: [{ size: strings.length }] },
    stringVal: strings,
  };
}

export function scalarTensor(value: number): TensorProto {
  return { dtype: dataType.float, tensorShape: {}, floatVal: [value] };
}

/** Of rank 0. */
export function stringTensor(bytes: Uint8Array): TensorProto {
  return { dtype: dataType.string, tensorShape: {}, stringVal: [bytes] };
}

/** `[bins, 3]`: left edge, right edge, count. */
export function histogramTensor({ edges, counts }: HistogramBins): TensorProto {
  return {
    dtype: dataType.double,
    tensorShape: { dim: [{ size: counts.length }, { size: 3 }] },
    doubleVal: counts.flatMap((count, i) => [edges[i]!, edges[i + 1]!, count]),
  };
}

/** `[1 + rows, columns]`, headings first; each cell is Markdown there. */
export function tableTensor({ columns, rows }: LoggedTable): TensorProto {
  const cells = [
    ...columns.map((column) => `**${plainMarkdown(column)}**`),
    ...rows
      .flat()
      .map((cell) => (typeof cell === "string" ? plainMarkdown(cell) : String(cell ?? ""))),
  ];
  return {
    dtype: dataType.string,
    tensorShape: { dim: [{ size: rows.length + 1 }, { size: columns.length }] },
    stringVal: cells.map((cell) => Buffer.from(cell)),
  };
}

/** Text that Markdown shows as it is, HTML in it too. */
function plainMarkdown(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replace(/[\\`*_{}[\]()#+.!-]/g, String.raw`\$&`);
}

/** `[6, thresholds]`. */
export function curveTensor(points: PrCurvePoints): TensorProto {
  const { truePositives, falsePositives, trueNegatives, falseNegatives, precision, recall } =
    points;
  return {
    dtype: dataType.float,
    tensorShape: { dim: [{ size: 6 }, { size: precision.length }] },
    floatVal: [
      ...[...truePositives, ...falsePositives, ...trueNegatives, ...falseNegatives],
      ...[...precision, ...recall],
    ],
  };
}
