import { readFileSync, readdirSync, statSync } from "node:fs";
import path from "node:path";

import sharp, { type CreateRaw } from "sharp";

import { InputError } from "../base/errors.ts";

/** 8-bit sRGB pixels, row by row from the top left, three bytes each. */
export interface RgbImage {
  readonly channels: 3;
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** As `RgbImage` with a fourth byte: straight (not premultiplied) alpha, 0 is transparent. */
export interface RgbaImage {
  readonly channels: 4;
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export type Image = RgbImage | RgbaImage;

/** One colour, each part in 0..255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** Larger pictures are refused: they are a mistake, or meant to exhaust the memory. */
const maximumPixels = 100_000_000;

/** What an image folder holds, sorted by name. */
export interface ImageFolder {
  /** Paths of the files that are images by their extension. */
  readonly images: readonly string[];
  /** Names of everything else but hidden files, so that a caller can say what it passed over. */
  readonly others: readonly string[];
}

/** Of the formats that are read. */
const extensions = [".avif", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".tif", ".tiff", ".webp"];

/** @throws {RangeError} when the bytes are not `width * height * channels` */
export function rgbImage(width: number, height: number, data: Uint8Array): RgbImage {
  checkLength(width, height, 3, data);
  return { channels: 3, width, height, data };
}

/** @throws {RangeError} when the bytes are not `width * height * channels` */
export function rgbaImage(width: number, height: number, data: Uint8Array): RgbaImage {
  checkLength(width, height, 4, data);
  return { channels: 4, width, height, data };
}

function checkLength(width: number, height: number, channels: number, data: Uint8Array): void {
  const expected = width * height * channels;
  if (data.length === expected) return;
  throw new RangeError(
    `Cannot make an image: ${width} x ${height} x ${channels} needs ${expected} bytes, got ${data.length}`,
  );
}

/**
 * Decodes PNG, JPEG, WebP, AVIF, TIFF, GIF or SVG to 8-bit RGBA. Grey, 16-bit and CMYK pictures
 * are converted to sRGB, the EXIF orientation is applied, of an animation the first frame is taken.
 *
 * @param name what to call the picture in messages
 * @throws {InputError} when the bytes are no picture that can be read whole
 */
export async function decodeImage(bytes: Uint8Array, name = "image"): Promise<RgbaImage> {
  if (bytes.length === 0) {
    throw new InputError(`Cannot read image ${name}: expected a picture, got an empty file`);
  }
  try {
    const { data, info } = await sharp(bytes, {
      failOn: "error",
      limitInputPixels: maximumPixels,
    })
      .autoOrient()
      .toColourspace("srgb")
      .ensureAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 4) {
      throw new Error(`expected 1 to 4 channels, got ${info.channels - 1} and alpha`);
    }
    return rgbaImage(info.width, info.height, new Uint8Array(data));
  } catch (cause) {
    throw new InputError(`Cannot read image ${name}: ${reason(cause)}`, { cause });
  }
}

function reason(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (/unsupported image format/i.test(text)) {
    return `expected a picture (${extensions.join(" ")}), got something else`;
  }
  if (/exceeds pixel limit/i.test(text)) {
    return `expected at most ${maximumPixels / 1e6} million pixels, got more; make it smaller`;
  }
  return text.trim().replaceAll(/\s*\n\s*/g, "; ");
}

/** @throws {InputError} naming the file, when it is missing, empty or not a whole picture */
export async function readImage(file: string): Promise<RgbaImage> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new InputError(`Cannot read image ${file}: ${reason(cause)}`, { cause });
  }
  return decodeImage(bytes, file);
}

/** What a picture's header says. */
export interface ImageInfo {
  /** Before the EXIF orientation is applied. */
  readonly width: number;
  readonly height: number;
  /** More than 1: an animation, of which {@link readImage} takes the first. */
  readonly frames: number;
}

/** @throws {InputError} naming the file, when it is missing, empty or has no picture's header */
export async function readImageInfo(file: string): Promise<ImageInfo> {
  try {
    const { width, height, pages = 1, format } = await sharp(readFileSync(file)).metadata();
    const isAnimation = format === "gif" || format === "webp";
    return { width, height, frames: isAnimation ? pages : 1 };
  } catch (cause) {
    throw new InputError(`Cannot read image ${file}: ${reason(cause)}`, { cause });
  }
}

/**
 * Lists a folder's images by extension, in the order of their names. Folders inside are not
 * entered; hidden files (a leading dot) are passed over without a word.
 *
 * @throws {InputError} when the folder is missing, is no folder, or holds no image
 */
export function listImages(folder: string): ImageFolder {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError(`Cannot read images: expected a folder, got ${folder}, which is none`);
  }
  const names = readdirSync(folder)
    .filter((name) => !name.startsWith("."))
    .toSorted();
  const images = names.filter((name) => isImageFile(path.join(folder, name)));
  const others = names.filter((name) => !images.includes(name));
  if (images.length === 0) {
    const found = others.length === 0 ? "an empty folder" : `only ${others.slice(0, 5).join(", ")}`;
    throw new InputError(
      `Cannot read images in ${folder}: expected pictures (${extensions.join(" ")}), got ${found}`,
    );
  }
  return { images: images.map((name) => path.join(folder, name)), others };
}

function isImageFile(file: string): boolean {
  return extensions.includes(path.extname(file).toLowerCase()) && statSync(file).isFile();
}

/** Every image of a folder in the order of their names; one bad file is an error. */
export async function readImages(folder: string): Promise<{ file: string; image: RgbaImage }[]> {
  const images: { file: string; image: RgbaImage }[] = [];
  for (const file of listImages(folder).images) {
    images.push({ file, image: await readImage(file) });
  }
  return images;
}

/** Lossless PNG of an RGB or RGBA image. */
export async function encodePng(image: Image): Promise<Uint8Array> {
  return sharp(image.data, { raw: dimensions(image) })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

/** What sharp must know about raw pixels. */
function dimensions({ width, height, channels }: Image): CreateRaw {
  return { width, height, channels };
}

/**
 * Resizes to exactly `width` x `height`; colours are weighted by alpha, so that what is hidden
 * under transparent pixels does not bleed in. When shrinking, every source pixel counts.
 *
 * @param filter `bicubic` (Catmull and Rom's) for pictures, `nearest` for exact enlargement
 */
export async function resizeImage<I extends Image>(
  image: I,
  width: number,
  height: number,
  filter: "bicubic" | "bilinear" | "nearest" = "bicubic",
): Promise<I> {
  if (image.width === width && image.height === height) return image;
  const kernel = { bicubic: "cubic", bilinear: "linear", nearest: "nearest" } as const;
  const data = await sharp(image.data, { raw: dimensions(image) })
    .resize(width, height, { fit: "fill", kernel: kernel[filter], fastShrinkOnLoad: false })
    .raw()
    .toBuffer();
  return { ...image, width, height, data: new Uint8Array(data) };
}

/**
 * A part of an image.
 *
 * @throws {RangeError} when the part reaches outside
 */
export function cropImage<I extends Image>(
  image: I,
  left: number,
  top: number,
  width: number,
  height: number,
): I {
  if (left < 0 || top < 0 || left + width > image.width || top + height > image.height) {
    throw new RangeError(
      `Cannot crop ${width} x ${height} at (${left}, ${top}): the image has ${image.width} x ${image.height}; resize it first`,
    );
  }
  if (width === image.width && height === image.height) return image;
  const { channels } = image;
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * image.width + left) * channels;
    data.set(image.data.subarray(start, start + width * channels), y * width * channels);
  }
  return { ...image, width, height, data };
}

/** The part in the middle; what is left over unevenly is left over below and to the right. */
export function cropCenter<I extends Image>(image: I, width: number, height: number): I {
  const left = Math.floor((image.width - width) / 2);
  const top = Math.floor((image.height - height) / 2);
  return cropImage(image, left, top, width, height);
}

/** The largest centred square. */
export function cropSquare<I extends Image>(image: I): I {
  const side = Math.min(image.width, image.height);
  return cropCenter(image, side, side);
}

/** Lays an image over a plain colour. */
export function compositeOn(image: RgbaImage, [red, green, blue]: Rgb): RgbImage {
  const { width, height, data: from } = image;
  const to = new Uint8Array(width * height * 3);
  for (let i = 0, j = 0; i < from.length; i += 4, j += 3) {
    const alpha = from[i + 3]!;
    const rest = 255 - alpha;
    to[j] = (from[i]! * alpha + red * rest + 127) / 255;
    to[j + 1] = (from[i + 1]! * alpha + green * rest + 127) / 255;
    to[j + 2] = (from[i + 2]! * alpha + blue * rest + 127) / 255;
  }
  return { channels: 3, width, height, data: to };
}

/** True when some pixel is not fully opaque. */
export function hasTransparency(image: RgbaImage): boolean {
  for (let i = 3; i < image.data.length; i += 4) if (image.data[i] !== 255) return true;
  return false;
}
