import { createHash } from "node:crypto";

import { InputError } from "../../base/errors.ts";
import type { ForeignMedia, ForeignPicture, ForeignRun } from "../foreign/foreignRun.ts";
import { ForeignView } from "./foreignView.ts";
import { MediaShelf } from "./mediaShelf.ts";
import { readBytes } from "./readBytes.ts";
import type { BytePlace, MediaKind, MediaRecord, MediaSeries, RunMedia } from "./runMedia.ts";

/** Media of another program's run, read where they are. */
export class ForeignRunMedia extends ForeignView implements RunMedia {
  readonly #shelf = new MediaShelf<ForeignMedia>();
  readonly #pictures = new Map<string, ForeignPicture>();

  protected clear(): void {
    this.#shelf.clear();
    this.#pictures.clear();
  }

  protected read(run: ForeignRun): void {
    run.readPoints({
      point() {},
      media: (item) => {
        this.#shelf.add(item.kind, item.key, item);
        for (const picture of picturesOf(item)) this.#pictures.set(picture.id, picture);
      },
    });
  }

  list(): MediaSeries[] {
    return this.#shelf.list();
  }

  recordAt(kind: MediaKind, key: string, step: number): MediaRecord | undefined {
    const item = this.#shelf.at(kind, key, step);
    return item && toRecord(item);
  }

  records(kind: MediaKind, key: string, limit: number): MediaRecord[] {
    return this.#shelf.some(kind, key, limit).map(toRecord);
  }

  picture(id: string): BytePlace | undefined {
    return (this.#pictures.get(id) ?? this.look().#pictures.get(id))?.place();
  }
}

function toRecord(item: ForeignMedia): MediaRecord {
  const { kind, key, step } = item;
  try {
    if (item.kind === "images") return { kind, key, step, images: item.pictures().map(toImage) };
    return { ...item.read(), key, step };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { kind, key, step, problem: error.message };
  }
}

function picturesOf(item: ForeignMedia): readonly ForeignPicture[] {
  try {
    return item.kind === "images" ? item.pictures() : [];
  } catch (error) {
    if (error instanceof InputError) return []; // the record will say so
    throw error;
  }
}

function toImage(picture: ForeignPicture): MediaRecord {
  const { id, width, height, caption } = picture;
  const { place, problem } = examine(picture, mostBytes);
  return { id, width, height, caption, problem, isMissing: place === undefined };
}

/** Bytes of a picture that is shown; a larger one is still copied by an import. */
const mostBytes = 2 ** 26;

/** Whether a picture is as it was logged. */
export interface ExaminedPicture {
  /** Undefined when it cannot be had. */
  readonly place?: BytePlace;
  /** Of its content, hexadecimal. */
  readonly sha256?: string;
  /** For a person. */
  readonly problem?: string;
}

/**
 * Reads a picture through.
 *
 * @param limit bytes of the largest that is read
 */
export function examine(picture: ForeignPicture, limit: number = Infinity): ExaminedPicture {
  try {
    const place = picture.place();
    if (place.bytes > limit)
      return { problem: `${picture.name} is too large to show: ${place.bytes} bytes` };
    const sha256 = hashOf(place);
    const problem = differs(picture, sha256);
    return { place, sha256, ...(problem !== undefined && { problem }) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { problem: error.message };
  }
}

/** @param is what the content's hash is */
function differs({ name, sha256 = "" }: ForeignPicture, is: string): string | undefined {
  if (is.startsWith(sha256)) return undefined;
  return `${name} is not what was logged: its SHA-256 begins with ${is.slice(0, 12)}, expected ${sha256.slice(0, 12)}`;
}

function hashOf(place: BytePlace): string {
  const hash = createHash("sha256");
  for (const chunk of readBytes(place)) hash.update(chunk);
  return hash.digest("hex");
}
