import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import {
  type Bounds,
  decodeImage,
  resizeImage,
  rgbaImage,
  type RgbaImage,
  visibleBounds,
  writeFileAtomic,
} from "seedbed";
import sharp from "sharp";

import { classNoun } from "./classNouns.ts";
import { type Concept, type Preset, readConcepts } from "./concepts.ts";
import { mayFlip } from "./mirrored.ts";
import { findPackage, readJson } from "./packages.ts";
import { type DrawingSource, openSource } from "./sources.ts";
import { splitDrawings } from "./split.ts";
import { type Style, styles, type StyleWord } from "./styles.ts";
import { isWithheld } from "./withheld.ts";

/** One picture of one concept by one hand. */
export interface Drawing extends Concept {
  readonly style: StyleWord;
  /** What the concept is when not named exactly, e.g. `cat` for `cat face`. */
  readonly noun: string | undefined;
  readonly mayFlip: boolean;
  /** The box around what can be seen. */
  readonly bounds: Bounds;
}

export interface EmojiData {
  readonly drawings: readonly Drawing[];
  /** Positions in `drawings`, ascending; the two share no drawing. */
  readonly train: readonly number[];
  readonly validation: readonly number[];
  /** Side of the stored pictures. */
  readonly sourceSize: number;
  /** SHA-256 of pictures and index, for the run's manifest: equal data have equal hashes. */
  readonly sha256: string;
  /** RGBA of a drawing, `sourceSize` on a side; shares the pack's memory. */
  picture(drawing: number): RgbaImage;
}

export interface EmojiDataOptions {
  preset?: Preset;
  /** `permissive` leaves out drawings under CC-BY, which ask for credit. */
  licence?: "all" | "permissive";
  /**
   * Side of the pictures that training will see. Twice that is stored, for moving a picture
   * without blurring it.
   */
  size?: number;
  /** Seed of the split into train and validation. */
  seed?: number;
  /** Expected share of (concept, style) pairs kept for validation. */
  validationFraction?: number;
  /** Where built data are kept. */
  cacheFolder?: string;
  onProgress?: (done: number, all: number) => void;
}

const oversampling = 2;
/** Pictures decoded side by side. */
const atOnce = 16;

/**
 * The drawings that the base model learns, built from npm packages at the first call and read from
 * a cache later.
 *
 * @throws {InputError} when a package is missing, with the line that installs it
 */
export async function loadEmojiData(options: EmojiDataOptions = {}): Promise<EmojiData> {
  const { preset = "core", licence = "all", size = 64 } = options;
  const { seed = 0, validationFraction = 0.05, cacheFolder = ".cache/seedbed/emoji" } = options;
  const request: BuildRequest = {
    preset,
    styles: styles.filter((style) => licence === "all" || style.licence !== "CC-BY-4.0"),
    sourceSize: size * oversampling,
  };
  const pack =
    readPack(cacheFolder, request) ??
    writePack(cacheFolder, request, await buildPack(request, options.onProgress));
  return {
    ...pack,
    ...splitDrawings(pack.drawings, { seed, fraction: validationFraction }),
    picture: (drawing) => pictureOf(pack, drawing),
  };
}

interface BuildRequest {
  preset: Preset;
  styles: readonly Style[];
  sourceSize: number;
}

interface Pack {
  drawings: readonly Drawing[];
  sourceSize: number;
  sha256: string;
  /** RGBA of all drawings, one after the other. */
  pixels: Uint8Array;
}

function pictureOf({ drawings, sourceSize, pixels }: Pack, drawing: number): RgbaImage {
  if (!drawings[drawing]) {
    throw new RangeError(
      `Cannot show a drawing: expected an index below ${drawings.length}, got ${drawing}`,
    );
  }
  const bytes = sourceSize * sourceSize * 4;
  const data = pixels.subarray(drawing * bytes, (drawing + 1) * bytes);
  return rgbaImage(sourceSize, sourceSize, data);
}

async function buildPack(
  { preset, styles: wanted, sourceSize }: BuildRequest,
  onProgress: EmojiDataOptions["onProgress"],
): Promise<Pack> {
  const found = findPictures(readConcepts(preset), wanted, sourceSize);
  const bytes = sourceSize * sourceSize * 4;
  const pixels = new Uint8Array(found.length * bytes);
  const drawings: Drawing[] = [];
  for (let start = 0; start < found.length; start += atOnce) {
    const some = found.slice(start, start + atOnce);
    const images = await Promise.all(some.map((picture) => rasterise(picture, sourceSize)));
    images.forEach((image, i) => {
      pixels.set(clearHidden(image.data), (start + i) * bytes);
      drawings.push(describe(some[i]!, image));
    });
    onProgress?.(drawings.length, found.length);
  }
  return { drawings, sourceSize, pixels, sha256: contentHash(drawings, pixels) };
}

interface FoundPicture {
  concept: Concept;
  style: Style;
  file: Uint8Array;
}

/** Pictures in the order of concepts, then styles. */
function findPictures(
  concepts: readonly Concept[],
  wanted: readonly Style[],
  size: number,
): FoundPicture[] {
  const sources = wanted.map((style): [Style, DrawingSource] => [style, openSource(style)]);
  return concepts.flatMap((concept) =>
    sources.flatMap(([style, source]) => {
      if (isWithheld(concept, style.word)) return [];
      const file = source.find(concept, size);
      return file ? [{ concept, style, file }] : [];
    }),
  );
}

async function rasterise({ concept, style, file }: FoundPicture, size: number): Promise<RgbaImage> {
  const image = await decodeImage(file, `${concept.title} (${style.word})`);
  return resizeImage(image, size, size);
}

function describe({ concept, style }: FoundPicture, image: RgbaImage): Drawing {
  return {
    ...concept,
    style: style.word,
    noun: classNoun(concept.name),
    mayFlip: mayFlip(concept),
    bounds: visibleBounds(image),
  };
}

/** Zeroes colours under fully transparent pixels, which decoders may leave anything in. */
function clearHidden(rgba: Uint8Array): Uint8Array {
  for (let i = 0; i < rgba.length; i += 4) if (rgba[i + 3] === 0) rgba.fill(0, i, i + 3);
  return rgba;
}

function contentHash(drawings: readonly Drawing[], pixels: Uint8Array): string {
  return createHash("sha256").update(JSON.stringify(drawings)).update(pixels).digest("hex");
}

/** File names of a build: everything that decides its content is in the name. */
function packFiles(folder: string, { preset, styles: wanted, sourceSize }: BuildRequest) {
  const names = [...wanted.map((style) => style.package), "unicode-emoji-json", "emojibase-data"];
  const packages = names.map((name) => `${name}@${findPackage(name).version}`);
  const { sharp: version, rsvg, webp } = sharp.versions;
  const key = createHash("sha256")
    .update(JSON.stringify([codeHash(), preset, sourceSize, packages, version, rsvg, webp]))
    .digest("hex")
    .slice(0, 12);
  const base = path.join(folder, `${preset}-${sourceSize}-${key}`);
  return { index: `${base}.json`, pixels: `${base}.rgba` };
}

/** Of this folder's program text: a change to a table of names or to the builder builds anew. */
function codeHash(): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(import.meta.dirname).toSorted()) {
    hash.update(readFileSync(path.join(import.meta.dirname, name)));
  }
  return hash.digest("hex");
}

function writePack(folder: string, request: BuildRequest, pack: Pack): Pack {
  const files = packFiles(folder, request);
  writeFileAtomic(files.pixels, pack.pixels);
  const { drawings, sha256 } = pack;
  writeFileAtomic(files.index, JSON.stringify({ sha256, drawings }));
  return pack;
}

/** A cached build; undefined when there is none, or it does not hash to what it says. */
function readPack(folder: string, request: BuildRequest): Pack | undefined {
  const files = packFiles(folder, request);
  if (!existsSync(files.index) || !existsSync(files.pixels)) return undefined;
  const { sha256, drawings } = readJson(files.index);
  const pixels = readFileSync(files.pixels);
  if (!isDrawings(drawings) || contentHash(drawings, pixels) !== sha256) return undefined;
  return { drawings, sourceSize: request.sourceSize, sha256, pixels };
}

/** The hash vouches for the rest: only a program that wrote such an index knows it. */
function isDrawings(value: unknown): value is Drawing[] {
  return Array.isArray(value) && value.length > 0;
}
