import path from "node:path";

import { metricsFileName } from "../../tracking/metricsFile.ts";
import { isRecord } from "../../tracking/parameters.ts";
import { GrowingFile } from "../growingFile.ts";
import { fileInside } from "./fileInside.ts";
import { MediaShelf } from "./mediaShelf.ts";
import {
  mediaKinds,
  type BytePlace,
  type MediaKind,
  type MediaRecord,
  type MediaSeries,
  type RunMedia,
} from "./runMedia.ts";

/** Where a record is in the file. */
interface Place {
  readonly step: number;
  readonly offset: number;
  readonly bytes: number;
}

const scalars = Buffer.from('{"kind":"metrics"');

/** Media of a run of ours: where in `metrics.jsonl` each record is. Lines that cannot be read are passed over. */
export class SeedbedMedia implements RunMedia {
  readonly #folder: string;
  readonly #file: GrowingFile;
  readonly #shelf = new MediaShelf<Place>();
  /** Files of pictures, relative to the run's folder, by their ids. */
  readonly #pictures = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
    this.#file = new GrowingFile(path.join(folder, metricsFileName), {
      restart: () => {
        this.#shelf.clear();
        this.#pictures.clear();
      },
      line: (bytes, offset) => this.#take(bytes, offset),
    });
  }

  look(): this {
    this.#file.look();
    return this;
  }

  list(): MediaSeries[] {
    return this.#shelf.list();
  }

  recordAt(kind: MediaKind, key: string, step: number): MediaRecord | undefined {
    const place = this.#shelf.at(kind, key, step);
    return place && this.#read(place);
  }

  records(kind: MediaKind, key: string, limit: number): MediaRecord[] {
    const read = this.#shelf.some(kind, key, limit).map((place) => this.#read(place));
    return read.filter((record) => record !== undefined);
  }

  picture(id: string): BytePlace | undefined {
    const name = this.#pictures.get(id) ?? this.look().#pictures.get(id);
    return name === undefined ? undefined : fileInside(this.#folder, name);
  }

  #take(bytes: Buffer, offset: number): void {
    if (bytes.subarray(0, scalars.length).equals(scalars)) return;
    const record = parseRecord(bytes.toString("utf8"));
    const kind = mediaKinds.find((each) => each === record?.["kind"]);
    const { step, key } = record ?? {};
    if (kind === undefined || typeof step !== "number" || typeof key !== "string") return;
    this.#shelf.add(kind, key, { step, offset, bytes: bytes.length });
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

  #read({ offset, bytes }: Place): MediaRecord | undefined {
    const record = parseRecord(this.#file.read(offset, bytes));
    const images = record?.["images"];
    if (!record || !Array.isArray(images)) return record;
    const named = images.filter(isRecord).map((image) => ({ ...image, id: pictureId(image) }));
    return { ...record, images: named };
  }
}

/** The beginning of a picture's hash, with the file's ending. */
function pictureId({ file, sha256 }: MediaRecord): string | undefined {
  if (typeof file !== "string" || typeof sha256 !== "string") return undefined;
  return /^[0-9a-f]{32,}$/.test(sha256) ? sha256.slice(0, 32) + path.extname(file) : undefined;
}

function parseRecord(text: string): MediaRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
