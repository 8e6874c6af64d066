import path from "node:path";

import { checkTable } from "../checkTable.ts";
import { EventFile } from "../eventFile.ts";
import { histogramBins } from "../histogram.ts";
import type {
  HistogramBins,
  LoggedTable,
  Logger,
  LogPoint,
  PrCurvePoints,
  RunOutcome,
} from "../logger.ts";
import { flattenParameters, hashParameters, type Parameters } from "../parameters.ts";
import { prCurvePoints } from "../prCurve.ts";
import {
  dataClass,
  dataType,
  encodeHParams,
  encodePrCurve,
  sessionStatus,
  type HParam,
  type HParamsPluginData,
  type SummaryValue,
  type TensorProto,
} from "../tensorBoardProto.ts";

export interface TensorBoardOptions {
  /** The run's folder; event files go to `tensorboard/` below it. */
  folder: string;
  /** Last step of the checkpoint that the run continues from; absent on a fresh start. */
  resumeStep?: number;
  /** Takes one line for the person watching. */
  warn?: (message: string) => void;
  /** Seconds since 1970. */
  clock?: () => number;
}

type Plugin = "scalars" | "images" | "histograms" | "text" | "pr_curves";
const classOf = {
  scalars: dataClass.scalar,
  images: dataClass.blobSequence,
  histograms: dataClass.tensor,
  text: dataClass.tensor,
  pr_curves: dataClass.tensor,
};

/**
 * Writes TensorBoard event files in TF2 style. Scalars are float32 there. A tag has one value per
 * step and steps only grow: a value that comes late is left out here, and said once.
 */
export function tensorBoardLogger({
  folder,
  resumeStep = -1,
  warn = console.warn,
  clock = () => Date.now() / 1000,
}: TensorBoardOptions): Logger {
  const file = new EventFile(path.join(folder, "tensorboard"), {
    nowSeconds: clock(),
    firstStep: resumeStep + 1,
  });
  const tags = new Map<string, { plugin: Plugin; step: number }>();
  let warned = false;

  function refuse(tag: string, reason: string): void {
    if (!warned) warn(`TensorBoard leaves out values of ${tag}: ${reason}; metrics.jsonl has them`);
    warned = true;
  }

  /** The value, with metadata if it is the tag's first in this file, or nothing if it may not be written. */
  function summaryValue(
    tag: string,
    plugin: Plugin,
    step: number,
    tensor: TensorProto,
    content?: Uint8Array,
  ): SummaryValue[] {
    const known = tags.get(tag);
    if (known && known.plugin !== plugin) {
      refuse(tag, `its first value was one of ${known.plugin}, got one of ${plugin}`);
      return [];
    }
    const last = known?.step ?? resumeStep;
    if (step <= last) {
      if (step < last) refuse(tag, `steps must grow, got ${step} after ${last}`);
      return [];
    }
    tags.set(tag, { plugin, step });
    if (known) return [{ tag, tensor }];
    const pluginData = { pluginName: plugin, ...(content && { content }) };
    const metadata = { pluginData, dataClass: classOf[plugin] };
    return [{ tag, tensor, metadata }];
  }

  function writeValues(value: SummaryValue[], { step, wallTimeSeconds }: LogPoint): void {
    if (value.length > 0) file.write([{ wallTime: wallTimeSeconds, step, summary: { value } }]);
  }

  function writeHParams(tag: string, data: HParamsPluginData): void {
    const pluginData = { pluginName: "hparams", content: encodeHParams(data) };
    const tensor = { dtype: dataType.float, tensorShape: { dim: [{ size: 0 }] } };
    file.write([
      {
        wallTime: clock(),
        step: 0,
        summary: { value: [{ tag, tensor, metadata: { pluginData } }] },
      },
    ]);
  }

  return {
    name: "tensorBoard",
    logHyperparameters(parameters) {
      writeHParams("_hparams_/session_start_info", {
        sessionStartInfo: {
          hparams: hparamValues(parameters),
          groupName: seedlessGroup(parameters),
          startTimeSecs: clock(),
        },
      });
    },
    logMetrics(metrics, point) {
      const values = Object.entries(metrics).flatMap(([tag, value]) =>
        summaryValue(tag, "scalars", point.step, scalarTensor(value)),
      );
      writeValues(values, point);
    },
    logImages(key, images, point) {
      if (images.length === 0) return;
      const { width, height } = images[0]!;
      const strings = [
        ...[width, height].map((n) => Buffer.from(String(n))),
        ...images.map(({ png }) => png),
      ];
      const shape = { dim: [{ size: strings.length }] };
      const tensor = { dtype: dataType.string, tensorShape: shape, stringVal: strings };
      writeValues(summaryValue(key, "images", point.step, tensor), point);
    },
    logHistogram(key, histogram, point) {
      const tensor = histogramTensor(histogramBins(histogram));
      writeValues(summaryValue(key, "histograms", point.step, tensor), point);
    },
    logText(key, text, point) {
      const tensor = { dtype: dataType.string, tensorShape: {}, stringVal: [Buffer.from(text)] };
      writeValues(summaryValue(key, "text", point.step, tensor), point);
    },
    logTable(key, table, point) {
      checkTable(table);
      if (table.columns.length === 0) return; // TensorBoard cannot show it
      writeValues(summaryValue(key, "text", point.step, tableTensor(table)), point);
    },
    logPrCurve(key, curve, point) {
      const points = prCurvePoints(curve);
      const content = encodePrCurve({ numThresholds: points.precision.length });
      writeValues(summaryValue(key, "pr_curves", point.step, curveTensor(points), content), point);
    },
    logArtifact() {}, // TensorBoard has none
    flush() {
      file.sync();
    },
    finalize(outcome) {
      const status = endStatus(outcome);
      if (status !== undefined) {
        const sessionEndInfo = { status, endTimeSecs: clock() };
        writeHParams("_hparams_/session_end_info", { sessionEndInfo });
      }
      file.close();
    },
  };
}

function scalarTensor(value: number): TensorProto {
  return { dtype: dataType.float, tensorShape: {}, floatVal: [value] };
}

/** `[bins, 3]`: left edge, right edge, count. */
function histogramTensor({ edges, counts }: HistogramBins): TensorProto {
  return {
    dtype: dataType.double,
    tensorShape: { dim: [{ size: counts.length }, { size: 3 }] },
    doubleVal: counts.flatMap((count, i) => [edges[i]!, edges[i + 1]!, count]),
  };
}

/** `[1 + rows, columns]`, headings first; each cell is Markdown there. */
function tableTensor({ columns, rows }: LoggedTable): TensorProto {
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
function curveTensor(points: PrCurvePoints): TensorProto {
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

/** An interrupted run has no end yet: readers keep the first end they see. */
function endStatus(outcome: RunOutcome): number | undefined {
  switch (outcome) {
    case "finished":
      return sessionStatus.success;
    case "failed":
      return sessionStatus.failure;
    case "interrupted":
      return undefined;
  }
}

function hparamValues(parameters: Parameters): HParam[] {
  return [...flattenParameters(parameters)].map(([key, value]) => {
    if (typeof value === "number") return { key, value: { numberValue: value } };
    if (typeof value === "boolean") return { key, value: { boolValue: value } };
    return { key, value: { stringValue: value } };
  });
}

/** Runs that differ by nothing but the seed share a group, which TensorBoard averages. */
function seedlessGroup(parameters: Parameters): string {
  const { seed: _, ...rest } = parameters;
  return hashParameters(rest).slice(0, 16);
}
