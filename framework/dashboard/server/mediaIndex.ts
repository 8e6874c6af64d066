import path from "node:path";

import { metricsFileName } from "../../tracking/metricsFile.ts";
import { isRecord } from "../../tracking/parameters.ts";
import { GrowingFile } from "./growingFile.ts";

export const mediaKinds = ["images", "text", "histogram", "table", "prCurve"] as const;
export type MediaKind = (typeof mediaKinds)[number];

/** Where a record is in the file. */
interface Place {
  readonly step: number;
  readonly offset: number;
  readonly bytes: number;
}

/** Records of one kind and key, by growing step. */
export interface MediaSeries {
  readonly kind: MediaKind;
  readonly key: string;
  readonly places: Place[];
}

type JsonRecord = Readonly<Record<string, unknown>>;

const scalars = Buffer.from('{"kind":"metrics"');

/**
 * What a run has logged besides scalars: where in `metrics.jsonl` each record is. The records
 * themselves stay in the file. Lines that cannot be read are passed over.
 */
export class MediaIndex {
  readonly #file: GrowingFile;
  readonly #series = new Map<string, MediaSeries>();
  /** Files of pictures, relative to the run's folder, by the ids that addresses name. */
  readonly #pictures = new Map<string, string>();

  constructor(folder: string) {
    this.#file = new GrowingFile(path.join(folder, metricsFileName), {
      restart: () => {
        this.#series.clear();
        this.#pictures.clear();
      },
      line: (bytes, offset) => this.#take(bytes, offset),
    });
  }

  /** Reads what has come since the last look. */
  look(): this {
    this.#file.look();
    return this;
  }

  list(): MediaSeries[] {
    return [...this.#series.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** The record at the last step up to `step`. */
  recordAt(kind: MediaKind, key: string, step: number): JsonRecord | undefined {
    const places = this.#series.get(seriesName(kind, key))?.places ?? [];
    const place = places.findLast((each) => each.step <= step);
    return place && this.#read(place);
  }

  /** All records of a key, at most `limit`, spread evenly over the steps. */
  records(kind: MediaKind, key: string, limit: number): JsonRecord[] {
    const places = this.#series.get(seriesName(kind, key))?.places ?? [];
    const read = spread(places, limit).map((place) => this.#read(place));
    return read.filter((record) => record !== undefined);
  }

  /** Path of a picture, relative to the run's folder. */
  pictureFile(id: string): string | undefined {
    return this.#pictures.get(id);
  }

  #take(bytes: Buffer, offset: number): void {
    if (bytes.subarray(0, scalars.length).equals(scalars)) return;
    const record = parseRecord(bytes.toString("utf8"));
    const kind = mediaKinds.find((each) => each === record?.["kind"]);
    const { step, key } = record ?? {};
    if (kind === undefined || typeof step !== "number" || typeof key !== "string") return;
    const name = seriesName(kind, key);
    const series = this.#series.get(name) ?? { kind, key, places: [] };
    this.#series.set(name, series);
    insert(series.places, { step, offset, bytes: bytes.length });
    if (kind === "images") this.#takePictures(record?.["images"]);
  }

  #takePictures(images: unknown): void {
    if (!Array.isArray(images)) return;
    for (const image of images.filter(isRecord)) {
      const { file } = image;
      const id = pictureId(image);
      if (id !== undefined && typeof file === "string") this.#pictures.set(id, file);
    }
  }

  #read({ offset, bytes }: Place): JsonRecord | undefined {
    return parseRecord(this.#file.read(offset, bytes));
  }
}

/** What an address calls a picture: the beginning of its hash, with the file's ending. */
export function pictureId({ file, sha256 }: JsonRecord): string | undefined {
  if (typeof file !== "string" || typeof sha256 !== "string") return undefined;
  return /^[0-9a-f]{32,}$/.test(sha256) ? sha256.slice(0, 32) + path.extname(file) : undefined;
}

const seriesName = (kind: MediaKind, key: string): string => `${kind} ${key}`;

/** Steps grow, but for what a resumed run logs again: then the later one counts. */
function insert(places: Place[], place: Place): void {
  let at = places.length;
  while (at > 0 && places[at - 1]!.step >= place.step) at--;
  places.splice(at, places[at]?.step === place.step ? 1 : 0, place);
}

function spread<T>(all: readonly T[], limit: number): T[] {
  if (all.length <= limit) return [...all];
  const gap = (all.length - 1) / (limit - 1);
  return Array.from({ length: limit }, (_, i) => all[Math.round(i * gap)]!);
}

function parseRecord(text: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
