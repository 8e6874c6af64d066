import path from "node:path";

import { checkTable } from "../checkTable.ts";
import { histogramBins } from "../histogram.ts";
import type { LogPoint, MetricsRow, RowLogger } from "../logger.ts";
import type { RunRecord } from "../metricsFile.ts";
import { metricsRow } from "../metricsRow.ts";
import { flattenParameters, hashParameters, type Parameters } from "../parameters.ts";
import { prCurvePoints } from "../prCurve.ts";
import type { RunOutcome } from "../runOutcome.ts";
import { EventFile } from "../tensorBoard/eventFile.ts";
import {
  dataClass,
  encodeHParams,
  encodeLayout,
  encodePrCurve,
  hparamValue,
  sessionStatus,
  type HParam,
  type HParamsPluginData,
  type SummaryValue,
  type TensorProto,
} from "../tensorBoard/proto.ts";
import { StageLayout } from "../tensorBoard/stageLayout.ts";
import {
  curveTensor,
  emptyTensor,
  histogramTensor,
  imagesTensor,
  scalarTensor,
  stringTensor,
  tableTensor,
} from "../tensorBoard/summaryTensors.ts";
import { logRecord } from "./logRecord.ts";

export interface TensorBoardOptions {
  /** The run's folder; event files go to `tensorboard/` below it. */
  folder: string;
  /**
   * Last step of the checkpoint that the run continues from, -1 for none, and what was logged up to it;
   * absent on a fresh start.
   */
  resume?: { step: number; records: readonly RunRecord[] };
  /** Takes one line for the person watching. */
  warn?: (message: string) => void;
  /** Seconds since 1970. */
  clock?: () => number;
}

type Plugin = "scalars" | "images" | "histograms" | "text" | "pr_curves" | "custom_scalars";

/** What was written of a tag: what kind, and its last step. */
interface Tag {
  readonly plugin: Plugin;
  step: number;
}

const classOf = {
  scalars: dataClass.scalar,
  images: dataClass.blobSequence,
  histograms: dataClass.tensor,
  text: dataClass.tensor,
  pr_curves: dataClass.tensor,
  custom_scalars: dataClass.tensor,
};

const layoutTag = "custom_scalars__config__";

/**
 * Writes TensorBoard event files in TF2 style. Scalars are float32 there. A tag has one value per
 * step and steps only grow: a value that comes late is left out here, and said once.
 *
 * A resumed run has readers forget the step that it continues from, too, and writes it anew from the
 * records: a process that was killed may have written here what its record lacks, and the reverse.
 */
export function tensorBoardLogger({
  folder,
  resume,
  warn = console.warn,
  clock = () => Date.now() / 1000,
}: TensorBoardOptions): RowLogger {
  const firstStep = Math.max(0, resume?.step ?? 0);
  const file = new EventFile(path.join(folder, "tensorboard"), {
    nowSeconds: clock(),
    firstStep,
  });
  const tags = new Map<string, Tag>();
  /** Those of the names that were met last. */
  let known: { names?: readonly string[]; tags: readonly (Tag | undefined)[] } = { tags: [] };
  const layout = new StageLayout();
  let last: LogPoint = { step: firstStep, epoch: 0, wallTimeSeconds: clock() };
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
    const before = tags.get(tag);
    if (before && before.plugin !== plugin) {
      refuse(tag, `its first value was one of ${before.plugin}, got one of ${plugin}`);
      return [];
    }
    const last = before?.step ?? firstStep - 1;
    if (step <= last) {
      if (step < last) refuse(tag, `steps must grow, got ${step} after ${last}`);
      return [];
    }
    tags.set(tag, { plugin, step });
    known = { tags: [] };
    if (before) return [{ tag, tensor }];
    if (plugin === "scalars") layout.add(tag);
    const pluginData = { pluginName: plugin, ...(content && { content }) };
    const metadata = { pluginData, dataClass: classOf[plugin] };
    return [{ tag, tensor, metadata }];
  }

  function writeValues(value: SummaryValue[], point: LogPoint): void {
    const { step, wallTimeSeconds } = point;
    if (value.length > 0) file.write([{ wallTime: wallTimeSeconds, step, summary: { value } }]);
    if (step > last.step) last = point;
  }

  /** Whether all that is new of the values are their numbers; then they count as written. */
  function goOn({ names, point: { step } }: MetricsRow): boolean {
    if (known.names !== names) known = { names, tags: names.map((name) => tags.get(name)) };
    if (!known.tags.every((tag) => tag?.plugin === "scalars" && tag.step < step)) return false;
    for (const tag of known.tags) tag!.step = step;
    return names.length > 0;
  }

  function logRow(row: MetricsRow): void {
    const { names, values, point } = row;
    if (goOn(row)) {
      file.writeScalars(row);
      if (point.step > last.step) last = point;
      return;
    }
    const written = names.flatMap((tag, i) =>
      summaryValue(tag, "scalars", point.step, scalarTensor(values[i]!)),
    );
    writeValues(written, point);
  }

  /** Readers take a run's last layout. */
  function writeLayout(): void {
    const changed = layout.take();
    if (!changed) return;
    const tensor = stringTensor(encodeLayout(changed));
    tags.delete(layoutTag); // a second one of a step replaces the first
    writeValues(summaryValue(layoutTag, "custom_scalars", last.step, tensor), last);
  }

  function writeHParams(tag: string, data: HParamsPluginData): void {
    const pluginData = { pluginName: "hparams", content: encodeHParams(data) };
    const value = [{ tag, tensor: emptyTensor, metadata: { pluginData } }];
    file.write([{ wallTime: clock(), step: 0, summary: { value } }]);
  }

  const logger: RowLogger = {
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
      logRow(metricsRow(metrics, point));
    },
    logRows(rows) {
      file.together(() => {
        for (const row of rows) logRow(row);
      });
    },
    logImages(key, images, point) {
      if (images.length === 0) return;
      writeValues(summaryValue(key, "images", point.step, imagesTensor(images)), point);
    },
    logHistogram(key, histogram, point) {
      const tensor = histogramTensor(histogramBins(histogram));
      writeValues(summaryValue(key, "histograms", point.step, tensor), point);
    },
    logText(key, text, point) {
      const tensor = stringTensor(Buffer.from(text));
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
      writeLayout();
      file.sync();
    },
    finalize(outcome) {
      writeLayout();
      const status = endStatus(outcome);
      if (status !== undefined) {
        const sessionEndInfo = { status, endTimeSecs: clock() };
        writeHParams("_hparams_/session_end_info", { sessionEndInfo });
      }
      file.close();
    },
  };
  for (const record of resume?.records ?? []) {
    if (record.step === resume?.step) void logRecord(logger, record, folder);
  }
  return logger;
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
  return Array.from(flattenParameters(parameters), ([key, value]) => ({
    key,
    value: hparamValue(value),
  }));
}

/** Runs that differ by nothing but the seed share a group, which TensorBoard averages. */
function seedlessGroup(parameters: Parameters): string {
  const { seed: _, ...rest } = parameters;
  return hashParameters(rest).slice(0, 16);
}
