import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { type Concept, withoutSelector } from "./concepts.ts";
import { iconNames } from "./iconNames.ts";
import { findPackage, readJson, record, type DataPackage } from "./packages.ts";
import type { Style } from "./styles.ts";

/** Where one style's drawings come from. */
export interface DrawingSource {
  readonly package: DataPackage;
  /** The picture of a concept as a file's bytes (WebP or SVG); undefined where there is none. */
  find(concept: Concept, size: number): Uint8Array | undefined;
}

/** @throws {InputError} when the style's package is not installed */
export function openSource(style: Style): DrawingSource {
  const found = findPackage(style.package);
  return existsSync(path.join(found.folder, "icons.json"))
    ? iconifySource(style, found)
    : fileSource(found);
}

/** A package of WebP files named after code points. */
function fileSource(found: DataPackage): DrawingSource {
  const folder = path.join(found.folder, "assets");
  const files = new Map<string, string>();
  for (const name of readdirSync(folder).toSorted()) {
    files.set(withoutSelector(path.parse(name).name.split("-")), path.join(folder, name));
  }
  return {
    package: found,
    find({ codepoint }) {
      const file = files.get(codepoint);
      return file === undefined ? undefined : readFileSync(file);
    },
  };
}

interface Icon {
  body: string;
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A package of SVG bodies in Iconify's JSON format. */
function iconifySource(style: Style, found: DataPackage): DrawingSource {
  const set = readJson(path.join(found.folder, "icons.json"));
  const byCodepoint = readCodepoints(path.join(found.folder, "chars.json"));
  return {
    package: found,
    find(concept, size) {
      for (const name of iconNames(concept, style.word, byCodepoint)) {
        const icon = readIcon(set, name);
        if (icon) return Buffer.from(svgOf(icon, size));
      }
      return undefined;
    },
  };
}

function readCodepoints(file: string): Map<string, string> {
  const entries = Object.entries(readJson(file));
  return new Map(
    entries.map(([codepoint, name]) => [withoutSelector(codepoint.split("-")), String(name)]),
  );
}

/** An icon, or the one that its alias names. Aliases that turn or mirror are not followed. */
function readIcon(set: Record<string, unknown>, name: string): Icon | undefined {
  const icons = record(set["icons"]);
  const alias = record(record(set["aliases"])[name]);
  const icon = record(icons[name] ?? icons[String(alias["parent"])]);
  if (typeof icon["body"] !== "string" || Object.keys(alias).length > 1) return undefined;
  return {
    body: icon["body"],
    left: Number(icon["left"] ?? set["left"] ?? 0),
    top: Number(icon["top"] ?? set["top"] ?? 0),
    width: Number(icon["width"] ?? set["width"] ?? 16),
    height: Number(icon["height"] ?? set["height"] ?? 16),
  };
}

/** A drawing of exactly `size` by `size` pixels; one that is not square is centred. */
function svgOf({ body, left, top, width, height }: Icon, size: number): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ` +
    `width="${size}" height="${size}" viewBox="${left} ${top} ${width} ${height}">${body}</svg>`
  );
}
