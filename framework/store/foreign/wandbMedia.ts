import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";

import { InputError } from "../../base/errors.ts";
import type { TableCell } from "../../tracking/logger.ts";
import { isRecord } from "../../tracking/parameters.ts";
import { looseJson, parseLooseJson } from "../../tracking/wandb/json.ts";
import type { BytePlace, MediaContent } from "../media/runMedia.ts";
import { placeOf } from "./filesBelow.ts";
import type { ForeignContent, ForeignMedia, ForeignMoment, ForeignPicture } from "./foreignRun.ts";

type Value = Readonly<Record<string, unknown>>;

/**
 * A value of W&B's history that has a `_type`.
 *
 * @param filesFolder where the files are that it names
 * @returns a text for one that cannot be shown, for a person
 */
export function mediaOf(
  value: Value,
  at: ForeignMoment,
  filesFolder: string,
): ForeignMedia | string {
  const type = String(value["_type"]);
  const pictures = picturesOf(value, filesFolder);
  if (pictures) return { ...at, kind: "images", pictures: () => pictures };
  const content = contentOf(type, value, filesFolder);
  if (content) return { ...at, ...content };
  return `${at.key} is left out: what W&B calls ${type} cannot be shown`;
}

/** Names below `files/` that a value is stored in. */
export function filesOf(value: Value): string[] {
  const { path: single, filenames } = value;
  const names = Array.isArray(filenames) ? filenames : [single];
  return names.filter((name) => typeof name === "string");
}

function picturesOf(value: Value, filesFolder: string): ForeignPicture[] | undefined {
  const { _type: type, captions, width, height, sha256 } = value;
  if (type !== "image-file" && type !== "images/separated") return undefined;
  const size = { width: Number(width) || 0, height: Number(height) || 0 };
  return filesOf(value).map((name, i) => {
    const caption = Array.isArray(captions) ? captions[i] : value["caption"];
    const stated = typeof sha256 === "string" ? sha256 : hashInName(name);
    return {
      id: addressOf(name, stated ?? ""),
      name,
      ...size,
      ...(typeof caption === "string" && caption !== "" && { caption }),
      ...(stated !== undefined && { sha256: stated }),
      place: () => placeOf(filesFolder, name),
    };
  });
}

/** W&B's own names end with the first 20 digits of the content's hash. */
function hashInName(name: string): string | undefined {
  return /_([0-9a-f]{20})\.\w+$/.exec(name)?.[1];
}

/** Files of W&B's are written once: another content has another name. */
export function addressOf(name: string, stated: string): string {
  const hash = createHash("sha256").update(`${stated} ${name}`).digest("hex");
  const extension = path.extname(name).toLowerCase();
  return hash.slice(0, 32) + (/^\.[a-z]{3,4}$/.test(extension) ? extension : ".bin");
}

function contentOf(type: string, value: Value, filesFolder: string): ForeignContent | undefined {
  if (type === "histogram") return { kind: "histogram", read: () => histogramOf(value) };
  if (type === "table") return { kind: "table", read: () => tableOf(value) };
  const name = value["path"];
  if (typeof name !== "string") return undefined;
  const text = (): string => readText(placeOf(filesFolder, name), name);
  if (type === "html-file") return { kind: "text", read: () => ({ kind: "text", text: text() }) };
  if (!type.endsWith("table-file")) return undefined;
  return { kind: "table", read: () => tableOf(parse(text(), name)) };
}

const longestText = 2 ** 26;

function readText({ file, bytes }: BytePlace, name: string): string {
  if (bytes <= longestText) return readFileSync(file, "utf8");
  throw new InputError(
    `Cannot show ${name}: expected at most ${longestText} bytes, got ${bytes}; the file is there`,
  );
}

function parse(text: string, name: string): Value {
  try {
    const value = parseLooseJson(text);
    if (isRecord(value)) return value;
  } catch {
    // said below
  }
  throw new InputError(`Cannot read ${name}: expected a table as JSON`);
}

function histogramOf({ values, bins, packedBins }: Value): MediaContent {
  const counts = numbers(values);
  const edges = numbers(bins) ?? unpackBins(packedBins);
  if (counts && edges?.length === counts.length + 1) return { kind: "histogram", edges, counts };
  throw new InputError("Cannot read histogram: expected values and one more edge of bins");
}

/** Of bins that are equally wide. */
function unpackBins(packed: unknown): number[] | undefined {
  const { min, size, count } = isRecord(packed) ? packed : {};
  if (typeof min !== "number" || typeof size !== "number" || typeof count !== "number") return [];
  return Array.from({ length: Math.min(count, 2 ** 16) + 1 }, (_, i) => min + i * size);
}

function numbers(value: unknown): number[] | undefined {
  if (!Array.isArray(value) || !value.every((each) => typeof each === "number")) return undefined;
  return value;
}

/** @throws {InputError} when it is none */
export function tableOf({ columns, data }: Value): MediaContent {
  if (!Array.isArray(columns) || !Array.isArray(data) || !data.every(Array.isArray))
    throw new InputError("Cannot read table: expected columns and rows of data");
  const rows = data.map((row: unknown[]) => columns.map((_, i) => cellOf(row[i])));
  return { kind: "table", columns: columns.map(String), rows };
}

function cellOf(value: unknown): TableCell {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  if (isRecord(value) && typeof value["path"] === "string") return value["path"];
  return looseJson(value);
}
