import { toCell } from "../../store/flatSpec.ts";
import type { Cell } from "../../store/indexedRun.ts";
import type { MediaKind, MediaRecord } from "../../store/media/runMedia.ts";
import { numberFromJson } from "../../tracking/jsonNumber.ts";
import { isRecord } from "../../tracking/parameters.ts";
import type { HistogramsAnswer, MediaAnswer, MediaImage } from "../api.ts";
import { pictureType } from "./pictureTypes.ts";

type Histogram = HistogramsAnswer["histograms"][number];

/** Rows of a table that a browser is given. */
const mostRows = 10_000;

/** A record of a run as the page shows it; `none` for one that is damaged. */
export function mediaAnswer(kind: MediaKind, record: MediaRecord, runKey: string): MediaAnswer {
  const step = Number(record["step"]);
  const { problem } = record;
  if (typeof problem === "string") return { kind: "problem", step, problem };
  switch (kind) {
    case "images":
      return {
        kind,
        step,
        images: list(record["images"]).flatMap((each) => toImage(each, runKey)),
      };
    case "text":
      return { kind, step, text: textOf(record["text"]) };
    case "histogram": {
      const histogram = toHistogram(record);
      return histogram ? { kind, ...histogram } : { kind: "none" };
    }
    case "table": {
      const rows = list(record["rows"]).slice(0, mostRows);
      return { kind, step, columns: list(record["columns"]).map(String), rows: rows.map(toCells) };
    }
    case "prCurve": {
      const [precision, recall] = [numbers(record["precision"]), numbers(record["recall"])];
      if (!precision || !recall) return { kind: "none" };
      return { kind, step, precision, recall, thresholds: thresholdsOf(record, precision.length) };
    }
    default:
      throw new TypeError(`Cannot answer with ${String(kind satisfies never)}`);
  }
}

/** Undefined for a record that is damaged. */
export function toHistogram(record: MediaRecord): Histogram | undefined {
  const [edges, counts] = [numbers(record["edges"]), numbers(record["counts"])];
  if (!edges || !counts || edges.length !== counts.length + 1) return undefined;
  return { step: Number(record["step"]), edges, counts };
}

function toImage(value: unknown, runKey: string): MediaImage[] {
  const image = isRecord(value) ? value : {};
  const { id, width, height, caption, problem, isMissing } = image;
  if (typeof id !== "string" || typeof width !== "number" || typeof height !== "number") return [];
  const refusal = refuse(id, width, height);
  const isShown = refusal === null && isMissing !== true;
  return [
    {
      url: isShown ? `/api/runs/${encodeURIComponent(runKey)}/files/${id}` : null,
      width,
      height,
      caption: typeof caption === "string" ? caption : null,
      problem: typeof problem === "string" ? problem : refusal,
    },
  ];
}

/** Pixels of a picture that a browser is given; it would need four bytes for each. */
const mostPixels = 2 ** 27;

/** Why a browser is not given a picture; null when it is. */
function refuse(id: string, width: number, height: number): string | null {
  if (width * height > mostPixels)
    return `${width} × ${height} pixels are too many to show; the file is in the run's folder`;
  return pictureType(id) ? null : "Cannot show it: it is no picture that browsers know";
}

function toCells(row: unknown): Cell[] {
  return list(row).map(toCell);
}

/** TensorBoard's points lie evenly from 0 to 1 where a record does not say where. */
function thresholdsOf(record: MediaRecord, count: number): number[] {
  const even = Array.from({ length: count }, (_, i) => i / Math.max(1, count - 1));
  return numbers(record["thresholds"]) ?? even;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function numbers(value: unknown): number[] | undefined {
  const read = list(value).map(numberFromJson);
  const all = read.filter((each) => each !== undefined);
  return Array.isArray(value) && all.length === read.length ? all : undefined;
}
