import { createHash } from "node:crypto";
import path from "node:path";

import { writeFileAtomic } from "../../base/atomicFile.ts";
import type { LoggedImage, LoggedTable, PrCurvePoints } from "../logger.ts";
import { mediaName } from "../mediaName.ts";
import { looseJson } from "./json.ts";

/** A value in W&B's form, and the files it names, relative to `files/`. */
export interface StoredMedia {
  valueJson: string;
  files: string[];
}

/** Stores pictures of one step: a single one stands for itself, several become a batch. */
export function storeImages(
  filesFolder: string,
  key: string,
  images: readonly LoggedImage[],
  step: number,
): StoredMedia {
  const stored = images.map((image) => storeImage(filesFolder, key, image, step));
  const value = stored.length === 1 ? stored[0] : separatedImages(stored);
  return { valueJson: JSON.stringify(value), files: stored.map(({ path: file }) => file) };
}

export function storeTable(
  filesFolder: string,
  key: string,
  { columns, rows }: LoggedTable,
  step: number,
): StoredMedia {
  const content = Buffer.from(looseJson({ columns, data: rows }));
  const { sha256, file } = storeFile(filesFolder, "table", key, content, step, "table.json");
  const size = content.length;
  const shape = { ncols: columns.length, nrows: rows.length };
  const value = { _type: "table-file", sha256, size, path: file, ...shape };
  return { valueJson: JSON.stringify(value), files: [file] };
}

interface StoredImage {
  path: string;
  format: string;
  width: number;
  height: number;
  caption?: string;
}

function storeImage(
  filesFolder: string,
  key: string,
  { png, width, height, caption }: LoggedImage,
  step: number,
): StoredImage {
  const { sha256, file } = storeFile(filesFolder, "images", key, png, step, "png");
  const stored = {
    _type: "image-file",
    sha256,
    size: png.length,
    path: file,
    format: "png",
    width,
    height,
  };
  return caption === undefined ? stored : { ...stored, caption };
}

function separatedImages(files: readonly StoredImage[]): object {
  const { width, height, format } = files[0]!;
  const value = {
    _type: "images/separated",
    width,
    height,
    format,
    count: files.length,
    filenames: files.map((file) => file.path),
  };
  const hasCaptions = files.some(({ caption }) => caption !== undefined);
  return hasCaptions ? { ...value, captions: files.map(({ caption }) => caption ?? "") } : value;
}

/** Content of W&B's names: `media/<kind>/<key>_<step>_<20 digits of its SHA-256>.<ending>`. */
function storeFile(
  filesFolder: string,
  kind: string,
  key: string,
  content: Uint8Array,
  step: number,
  ending: string,
): { sha256: string; file: string } {
  const sha256 = createHash("sha256").update(content).digest("hex");
  const file = `media/${kind}/${mediaName(key)}_${step}_${sha256.slice(0, 20)}.${ending}`;
  writeFileAtomic(path.join(filesFolder, ...file.split("/")), content);
  return { sha256, file };
}

/** Thresholds from 0 to 1 with what is found at each; W&B draws it with its custom charts. */
export function prCurveTable({ precision, recall }: PrCurvePoints): LoggedTable {
  const last = precision.length - 1;
  return {
    columns: ["threshold", "precision", "recall"],
    rows: precision.map((value, i) => [last > 0 ? i / last : 0, value, recall[i]!]),
  };
}
