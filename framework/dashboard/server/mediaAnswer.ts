import { toCell } from "../../store/flatSpec.ts";
import type { Cell } from "../../store/indexedRun.ts";
import { numberFromJson } from "../../tracking/jsonNumber.ts";
import { isRecord } from "../../tracking/parameters.ts";
import type { HistogramsAnswer, MediaAnswer, MediaImage } from "../api.ts";
import { pictureId, type MediaKind } from "./mediaIndex.ts";

type JsonRecord = Readonly<Record<string, unknown>>;
type Histogram = HistogramsAnswer["histograms"][number];

/** Rows of a table that a browser is given. */
const mostRows = 10_000;

/** A record of a run as the page shows it; `none` for one that is damaged. */
export function mediaAnswer(kind: MediaKind, record: JsonRecord, runKey: string): MediaAnswer {
  const step = Number(record["step"]);
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
export function toHistogram(record: JsonRecord): Histogram | undefined {
  const [edges, counts] = [numbers(record["edges"]), numbers(record["counts"])];
  if (!edges || !counts || edges.length !== counts.length + 1) return undefined;
  return { step: Number(record["step"]), edges, counts };
}

function toImage(value: unknown, runKey: string): MediaImage[] {
  const image = isRecord(value) ? value : {};
  const id = pictureId(image);
  const { width, height, caption } = image;
  if (id === undefined || typeof width !== "number" || typeof height !== "number") return [];
  return [
    {
      url: `/api/runs/${encodeURIComponent(runKey)}/files/${id}`,
      width,
      height,
      caption: typeof caption === "string" ? caption : null,
    },
  ];
}

function toCells(row: unknown): Cell[] {
  return list(row).map(toCell);
}

/** TensorBoard's points lie evenly from 0 to 1 where a record does not say where. */
function thresholdsOf(record: JsonRecord, count: number): number[] {
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
